"""Loops of `call` over lists of layers that differ in their sizes: each iteration is followed for
itself, and where all give the same code the loop stays a loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ....ir.keys import same
from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Attribute,
    Break,
    Call,
    Constant,
    Continue,
    Expression,
    For,
    Name,
    Node,
    Return,
    Statement,
    Subscript,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ..frame import Frame
from ..joined_values import sequence_item
from ..values import Instance, Sequence, Static, Value

LONGEST = 32


@dataclass(frozen=True, slots=True)
class _Column:
    """A variable of the loop: its values in order, and the list that they come from. A counter has
    neither."""

    name: str
    values: tuple[Value, ...] | None
    path: Expression | None


def in_turn(frame: Frame, statement: For) -> bool:
    """Runs the loop if it is one over such layers."""
    from ..evaluation.expressions import evaluate
    from .statements import run_body

    if frame.kind != "call" or statement.otherwise:
        return False
    if any(isinstance(n, Break | Continue | Return) for s in statement.body for n in walk(s)):
        return False
    columns = _columns(frame, statement.target, statement.iterable)
    lists = [c.values for c in columns or () if c.values is not None]
    if columns is None or not any(_differ(values) for values in lists):
        return False
    count = min(len(values) for values in lists)
    if not 2 <= count <= LONGEST or bound_names(statement.body) & {c.name for c in columns}:
        return False
    iterable = evaluate(frame, statement.iterable).dynamic
    outer, codes = frame.body, list[list[Statement]]()
    for i in range(count):
        for column in columns:
            value = Static(kind=int) if column.values is None else column.values[i]
            frame.assign(column.name, value)
        frame.body = []
        run_body(frame, statement.body)
        codes.append(frame.body)
    frame.body = outer
    if all(_same(code, codes[0]) for code in codes[1:]):
        frame.emit(replace_node(statement, iterable=iterable, body=tuple(codes[0])))
        return True
    for i, code in enumerate(codes):
        names = {c.name: Constant(i) if c.path is None else _at(c.path, i) for c in columns}
        for one in code:
            frame.emit(_substituted(one, names))
    return True


def _columns(frame: Frame, target: Expression, iterable: Expression) -> list[_Column] | None:
    """The variables of a loop over lists whose items are known; None for any other loop."""
    from ..evaluation.expressions import evaluate

    match target, iterable:
        case Name(id=name), Name() | Attribute():
            value = evaluate(frame, iterable).value
            known = isinstance(value, Sequence) and value.items and not value.optional
            return [_Column(name, value.items, iterable)] if known else None  # pyright: ignore
        case (
            Tuple(elements=(Name(id=name), inner)),
            Call(function=Name(id="enumerate"), arguments=(Argument(value=listed, keyword=None),)),
        ):
            rest = _columns(frame, inner, listed)
            return None if rest is None else [_Column(name, None, None), *rest]
        case Tuple(elements=elements), Call(function=Name(id="zip"), arguments=arguments) if len(
            elements
        ) == len(arguments):
            found: list[_Column] = []
            for element, argument in zip(elements, arguments, strict=True):
                part = _columns(frame, element, argument.value)
                if part is None:
                    return None
                found += part
            return found
        case _:
            return None


def _differ(values: tuple[Value, ...]) -> bool:
    """Whether these are layers that no single one stands for."""
    if not all(isinstance(v, Instance) and not v.optional for v in values):
        return False
    return not isinstance(sequence_item(Sequence("list", values)), Instance)


def _same(code: list[Statement], other: list[Statement]) -> bool:
    return len(code) == len(other) and all(same(a, b) for a, b in zip(code, other, strict=True))


def _at(path: Expression, index: int) -> Expression:
    return Subscript(path, Constant(index))


def _substituted(statement: Statement, names: Mapping[str, Expression]) -> Statement:
    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in names:
            return names[node.id]
        return map_children(node, visit)

    return cast(Statement, visit(statement))
