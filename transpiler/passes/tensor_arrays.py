"""Values that a loop writes one by one into a `TensorArray`: the second result of `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Expression,
    Name,
    Statement,
    walk,
)
from ..staging.nodes import OnData
from .liveness import assigned

HELPER = "tf_compat.TensorArray"


@dataclass(frozen=True, slots=True)
class Written:
    """`array`: the variable; `value`: what one round writes; `stacked`: the name of all of it."""

    array: str
    value: Expression
    stacked: str

    def taken(self) -> Statement:
        """`array = array.unstack(stacked)`."""
        method = Attribute(Name(self.array), "unstack")
        return Assign((Name(self.array),), Call(method, (Argument(Name(self.stacked)),)))


@dataclass(frozen=True, slots=True)
class Arrays:
    """The arrays that a loop fills in order, and its body without these writes."""

    body: Body
    written: list[Written]


def written_arrays(
    body: Body, target: Expression, iterable: OnData, fresh: Callable[[str], str]
) -> Arrays:
    """Arrays that each round writes once, at its own index, and does not read."""
    if not isinstance(target, Name) or not _from_zero(iterable):
        return Arrays(body, [])
    found: list[Written] = []
    kept: list[Statement] = []
    for index, statement in enumerate(body):
        write = _write(statement, target.id)
        if write is None or _mentions(body, write[0]) != 2:
            kept.append(statement)
            continue
        array, value = write
        later = body[index + 1 :]
        if not (isinstance(value, Name) and value.id not in assigned(later)):
            name = fresh(f"{array}_item")
            kept.append(Assign((Name(name),), value, span=None))
            value = Name(name)
        found.append(Written(array, value, fresh(f"{array}_values")))
    return Arrays(tuple(kept), found)


def _from_zero(iterable: OnData) -> bool:
    match iterable.range:
        case (_,) | (Argument(value=Constant(value=0)), _):
            return True
        case _:
            return False


def _write(statement: Statement, index: str) -> tuple[str, Expression] | None:
    match statement:
        case Assign(
            targets=(Name(id=target),),
            value=Call(
                function=Attribute(value=Name(id=array), attribute="write"),
                arguments=(Argument(value=Name(id=at)), Argument(value=value), *_),
            ),
        ) if target == array and at == index:
            return array, value
        case _:
            return None


def _mentions(body: Body, name: str) -> int:
    return sum(isinstance(n, Name) and n.id == name for s in body for n in walk(s))


def without_stacks(body: list[Statement]) -> list[Statement]:
    """`array = TensorArray(...)`, `array = array.unstack(values)`, `array.stack()`: the values."""
    for index, statement in enumerate(body):
        match statement:
            case Assign(
                targets=(Name(id=array),),
                value=Call(
                    function=Attribute(value=Name(id=same), attribute="unstack"),
                    arguments=(Argument(value=Name(id=stacked)),),
                ),
            ) if array == same and stacked.startswith(f"{array}_values"):
                made = [i for i, s in enumerate(body[:index]) if _makes(s, array)]
                rest = body[index + 1 :]
                total = _mentions(tuple(body), array)
                if len(made) != 1 or total != 3 + _stacks(rest, array):
                    continue
                new = [_read(s, array, stacked) for s in rest]
                kept = [s for i, s in enumerate(body[:index]) if i != made[0]]
                return without_stacks([*_renamed([*kept, *new], stacked, array)])
            case _:
                pass
    return body


def _makes(statement: Statement, array: str) -> bool:
    match statement:
        case Assign(targets=(Name(id=name),), value=Call(function=function)):
            return name == array and getattr(function, "path", None) == HELPER
        case _:
            return False


def _is_stack(node: object, array: str) -> bool:
    match node:
        case Call(function=Attribute(value=Name(id=name), attribute="stack")):
            return name == array
        case _:
            return False


def _stacks(body: list[Statement], array: str) -> int:
    return sum(_is_stack(n, array) for s in body for n in walk(s))


def _read(statement: Statement, array: str, values: str) -> Statement:
    from ...ir.nodes import Node, map_children

    def visit(node: Node) -> Node:
        return Name(values) if _is_stack(node, array) else map_children(node, visit)

    result = visit(statement)
    assert isinstance(result, Statement)
    return result


def _renamed(body: list[Statement], old: str, new: str) -> list[Statement]:
    from ...ir.nodes import Node, map_children

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id == old:
            return Name(new)
        return map_children(node, visit)

    return [s for s in map(visit, body) if isinstance(s, Statement)]
