"""Copies of Keras objects that name the configuration first.

    config = x.get_config()                   return x.__class__.from_config(x.get_config())
    return x.__class__.from_config(config)

It runs on the source, before staging, which knows the form on the right.
"""

from __future__ import annotations

import itertools

from ...ir.keys import same
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    Statement,
    map_children,
    replace_node,
    walk,
)


def with_whole_copies(tree: Module) -> Module:
    """The module with such copies written in one expression; the same object if it has none."""
    if not any(isinstance(n, Assign) and _configuration(n) is not None for n in walk(tree)):
        return tree

    def visit(node: Node) -> Node:
        if isinstance(node, FunctionDef):
            body = _joined(node.body, node)
            node = node if body is node.body else replace_node(node, body=body)
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _joined(body: Body, function: FunctionDef) -> Body:
    for index, (first, second) in enumerate(itertools.pairwise(body)):
        found = _configuration(first)
        if found is None:
            continue
        name, config = found
        copies = [n for n in walk(second) if isinstance(n, Call) and _copies(n, name, config)]
        uses = [n for n in walk(function) if isinstance(n, Name) and n.id == name]
        if len(copies) == 1 and len(uses) == 2:  # where it is set, and in the copy
            return (*body[:index], _with(second, copies[0], config), *body[index + 2 :])
    return body


def _configuration(statement: Statement) -> tuple[str, Call] | None:
    """The variable and the call of `config = x.get_config()`."""
    match statement:
        case Assign(
            targets=(Name(id=name),),
            value=Call(function=Attribute(attribute="get_config"), arguments=()) as config,
        ):
            return name, config
        case _:
            return None


def _copies(node: Call, name: str, config: Call) -> bool:
    match node, config:
        case (
            Call(
                function=Attribute(
                    value=Attribute(value=owner, attribute="__class__"), attribute="from_config"
                ),
                arguments=(Argument(value=Name(id=given), keyword=None, star=""),),
            ),
            Call(function=Attribute(value=copied)),
        ):
            return given == name and same(owner, copied)
        case _:
            return False


def _with(statement: Statement, copy: Call, config: Expression) -> Statement:
    def visit(node: Node) -> Node:
        if node is copy:
            return replace_node(copy, arguments=(Argument(config),))
        return map_children(node, visit)

    result = visit(statement)
    assert isinstance(result, Statement)
    return result
