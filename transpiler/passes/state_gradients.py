"""TensorFlow passes no gradient through `variable.assign`. Where a function sets a variable and
reads it again, JAX would: `stop_gradient` ends it there."""

from __future__ import annotations

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Module,
    Node,
    Statement,
    Symbol,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from .liveness import Names, live_before, reads, set_cell

STOP = "jax.lax.stop_gradient"


def stop_gradients_of_state(tree: Module) -> Module:
    """The same object if nothing is read after it is set."""
    if not any(isinstance(n, Statement) and set_cell(n) is not None for n in walk(tree)):
        return tree

    def visit(node: Node) -> Node:
        if isinstance(node, FunctionDef):
            body = _block(node.body, frozenset())
            return node if body is node.body else replace_node(node, body=body)
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _block(body: Body, live: Names) -> Body:
    new = tuple(_statement(s, live_before(body[i + 1 :], live)) for i, s in enumerate(body))
    return body if all(a is b for a, b in zip(new, body, strict=True)) else new


def _statement(statement: Statement, live: Names) -> Statement:
    cell = set_cell(statement)
    if cell is not None:
        key, _, value = cell
        if key not in live or not reads(value) - {key, key.partition(".")[0]} or _stops(value):
            return statement
        return _with_value(statement, Call(Symbol(STOP), (Argument(value),)))
    match statement:
        case If(then=then, otherwise=otherwise):
            blocks = _block(then, live), _block(otherwise, live)
            same = blocks[0] is then and blocks[1] is otherwise
            return (
                statement if same else replace_node(statement, then=blocks[0], otherwise=blocks[1])
            )
        case For(body=body) | While(body=body) | With(body=body):
            around = live if isinstance(statement, With) else live_before((statement,), live)
            new = _block(body, live | around)
            return statement if new is body else replace_node(statement, body=new)
        case _:
            return statement


def _stops(value: Expression) -> bool:
    return (
        isinstance(value, Call)
        and isinstance(value.function, Symbol)
        and (value.function.path == STOP)
    )


def _with_value(statement: Statement, value: Expression) -> Statement:
    match statement:
        case Assign():
            return replace_node(statement, value=value)
        case ExpressionStatement(value=Call(function=Attribute()) as call):
            return replace_node(statement, value=replace_node(call, arguments=(Argument(value),)))
        case _:
            return statement
