"""`blocks += [Block()]` in a constructor is `blocks.append(Block())`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ExpressionStatement,
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    map_children,
    walk,
)
from ..project import ModuleInput

CONSTRUCTORS = ("__init__", "build")


def with_appended(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """All modules; those without such a statement are the same objects."""
    result = dict(modules)
    for name, module in modules.items():
        if any(_added(n) is not None for n in walk(module.tree)):
            tree = _visit(module.tree)
            assert isinstance(tree, Module)
            result[name] = replace(module, tree=tree)
    return result


def _visit(node: Node) -> Node:
    node = map_children(node, _visit)
    if isinstance(node, FunctionDef) and node.name in CONSTRUCTORS:
        lists = {
            target.id
            for s in walk(node)
            if isinstance(s, Assign) and isinstance(s.value, List)
            for target in s.targets
            if isinstance(target, Name)
        }
        return map_children(node, lambda part: _appended(part, lists))
    return node


def _appended(node: Node, lists: set[str]) -> Node:
    call = _added(node)
    if call is not None and isinstance(node, AugmentedAssign) and _name(node.target) in lists:
        return ExpressionStatement(
            Call(Attribute(node.target, "append"), (Argument(call),), span=None),
            comments=node.comments,
        )
    return map_children(node, lambda part: _appended(part, lists))


def _added(node: Node) -> Call | OpCall | None:
    """The one call in the list that a statement adds to a variable."""
    match node:
        case AugmentedAssign(
            target=Name(), operator="+", value=List(elements=(Call() | OpCall() as call,))
        ):
            return call
        case _:
            return None


def _name(node: Node) -> str:
    return node.id if isinstance(node, Name) else ""
