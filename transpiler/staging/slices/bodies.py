"""The statements inside a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....ir.nodes import (
    Body,
    Expression,
    For,
    If,
    Node,
    Statement,
    Try,
    While,
    With,
    children,
    replace_node,
)


def as_statement(node: Node) -> Statement:
    assert isinstance(node, Statement)
    return node


def nested(statement: Statement) -> Iterator[Statement]:
    for child in children(statement):
        if isinstance(child, Statement):
            yield child
        elif not isinstance(child, Expression):
            for inner in children(child):
                if isinstance(inner, Statement):
                    yield inner


def map_bodies(
    statement: Statement, function: Callable[[list[Statement]], list[Statement]]
) -> Statement:
    """Applies a function to each statement list directly inside a statement."""
    changes: dict[str, object] = {}
    match statement:
        case If() | For() | While() | With() | Try():
            for name in ("then", "body", "otherwise", "final"):
                inner: Body | None = getattr(statement, name, None)
                if inner is not None:
                    new = tuple(function(list(inner)))
                    if new != inner:
                        changes[name] = new
        case _:
            return statement
    return replace_node(statement, **changes) if changes else statement
