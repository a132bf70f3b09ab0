"""`f(**locals())`: all variables of a function at that place, spelled out.

The translation gives functions parameters of their own (`rngs`, sizes), which `locals()` would pass
on; and only spelled out they tell what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Assign,
    Call,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    OpCall,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput


def with_spelled_locals(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """The modules without `**locals()` wherever the variables are certain: in statements of a
    function's own block, after nothing that binds names in some cases only."""
    return {name: _module(module) for name, module in modules.items()}


def _module(module: ModuleInput) -> ModuleInput:
    if not any(_is_locals(node) for node in walk(module.tree)):
        return module

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        return _function(node) if isinstance(node, FunctionDef) else node

    tree = visit(module.tree)
    assert isinstance(tree, Module)
    return module if tree is module.tree else replace(module, tree=tree)


def _function(node: FunctionDef) -> FunctionDef:
    names = [p.name for p in node.parameters]
    body: list[Statement] = []
    for statement in node.body:
        body.append(_statement(statement, names))
        bound = bound_names([statement])
        if not isinstance(statement, Assign | FunctionDef) and bound - set(names):
            return replace_node(node, body=(*body, *node.body[len(body) :]))
        names += sorted(bound - set(names))
    same = all(a is b for a, b in zip(body, node.body, strict=True))
    return node if same else replace_node(node, body=tuple(body))


def _statement(statement: Statement, names: Iterable[str]) -> Statement:
    """`x = f(**locals())` and `return f(**locals())`."""
    match statement:
        case Assign(value=value) | Return(value=Expression() as value):
            call = _call(value, names)
            return statement if call is value else replace_node(statement, value=call)
        case _:
            return statement


def _call(call: Expression, names: Iterable[str]) -> Expression:
    match call:
        case Call(arguments=arguments):
            return replace_node(call, arguments=_spelled(arguments, names))
        case OpCall(extra=extra):
            return replace_node(call, extra=_spelled(extra, names))
        case _:
            return call


def _spelled(arguments: tuple[Argument, ...], names: Iterable[str]) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for argument in arguments:
        if argument.star == "**" and _is_locals(argument.value):
            found += [Argument(Name(name), name) for name in names]
        else:
            found.append(argument)
    return tuple(found)


def _is_locals(node: Node) -> bool:
    match node:
        case Call(function=Name(id="locals"), arguments=()):
            return True
        case _:
            return False
