"""What modules hold: the cells that code finds without being given them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .machine import Machine
from .trail import Trail
from .values import (
    ClassValue,
    Either,
    Fixed,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Method,
    Partial,
    Stack,
    Super,
    Value,
)


def extend(m: Machine, known: int) -> int:
    """Takes note of modules that are new since `known` of them were, and of what was written to
    those that were known; returns how many there are."""
    trail = m.trail
    if len(m.frames) != known:
        for frame in list(m.frames.values())[known:]:
            trail.shared[id(frame.variables)] = frame.variables
            trail.frames.add(id(frame.variables))
            trail.pending.extend(frame.variables.values())
    if trail.pending:
        _follow(trail)
    return len(m.frames)


def _follow(trail: Trail) -> None:
    waiting, trail.pending = trail.pending, []
    while waiting:
        value = waiting.pop()
        if not isinstance(value, Value):
            waiting.extend(_inside(value))
            continue
        for cell in _cells(value):
            if id(cell) not in trail.shared:
                trail.shared[id(cell)] = cell
                waiting.extend(cell.values())
        waiting.extend(_parts(value))


def _inside(content: Any) -> Iterable[Any]:
    if isinstance(content, dict):
        return content.values()  # pyright: ignore[reportUnknownVariableType]
    return content if isinstance(content, tuple) else ()  # pyright: ignore[reportUnknownVariableType]


def _cells(value: Value) -> list[Any]:
    match value:
        case Listing(cell=cell) | Mapped(cell=cell) | Layer(cell=cell) | Stack(cell=cell):
            return [cell]
        case Instance(attributes=attributes):
            return [attributes]
        case ClassValue(members=members):
            return [members]
        case Function(frame=frame):
            found: list[Any] = []
            while frame.parent is not None:
                found.append(frame.variables)
                frame = frame.parent
            return found
        case _:
            return []


def _parts(value: Value) -> Iterable[Any]:
    match value:
        case Fixed(items=items) | Either(options=items):
            return items
        case Layer(arguments=named):
            return named.values()
        case Function(defaults=named, owner=owner):
            return (*named.values(), *(() if owner is None else (owner,)))
        case Graph(inputs=inputs, outputs=outputs):
            return inputs, outputs
        case Partial(function=function, given=given):
            return (function, *given.positional, *given.keywords.values())
        case Method(owner=owner) | Super(owner=owner):
            return (owner,)
        case _:
            return ()
