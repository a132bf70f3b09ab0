"""Where assignments put values."""

from __future__ import annotations

from ...ir.nodes import Attribute, Expression, List, Name, Slice, Starred, Subscript, Tuple
from .machine import Machine
from .pythonic import iterate
from .values import (
    UNKNOWN,
    Fixed,
    Frame,
    Instance,
    Listing,
    Mapped,
    Value,
    const,
    entries_of,
    integer,
    items_of,
)


def assign(m: Machine, target: Expression, value: Value, frame: Frame) -> None:
    match target:
        case Name(id=name):
            m.write(frame.variables, name, value)
            _note(m, target, name, value, frame)
        case Tuple(elements=elements) | List(elements=elements):
            _unpack(m, elements, value, frame)
        case Starred(value=inner):
            assign(m, inner, value, frame)
        case Attribute(value=owner, attribute=name):
            found = m.evaluate(owner, frame)
            if isinstance(found, Instance):
                m.write(found.attributes, name, value)
                _note(m, target, name, value, frame)
        case Subscript(value=owner, index=index):
            found = m.evaluate(owner, frame)
            if isinstance(found, (Listing, Mapped)):
                _store(m, found, index, value, frame)
        case _:
            pass


def _note(m: Machine, target: Expression, name: str, value: Value, frame: Frame) -> None:
    if m.muted or not m.log.shows or target.span is None:
        return
    m.log.see(m.place(target, frame), name, value)


def _unpack(m: Machine, elements: tuple[Expression, ...], value: Value, frame: Frame) -> None:
    items = iterate(m, value)
    star = next((i for i, e in enumerate(elements) if isinstance(e, Starred)), None)
    if items is not None and star is None and len(items) == len(elements):
        for element, item in zip(elements, items, strict=True):
            assign(m, element, item, frame)
        return
    if items is not None and star is not None and len(items) >= len(elements) - 1:
        after = len(elements) - star - 1
        middle = items[star : len(items) - after]
        for i, element in enumerate(elements):
            if i < star:
                assign(m, element, items[i], frame)
            elif i == star:
                assign(m, element, Listing({"items": tuple(middle)}), frame)
            else:
                assign(m, element, items[len(items) - len(elements) + i], frame)
        return
    for element in elements:
        assign(m, element, UNKNOWN, frame)


def _store(
    m: Machine, owner: Listing | Mapped, index: Expression, value: Value, frame: Frame
) -> None:
    if isinstance(index, Slice):
        m.write(owner.cell, "items", None)
        return
    at = m.evaluate(index, frame)
    if isinstance(owner, Mapped):
        entries, name = entries_of(owner), const(at)
        known = entries is not None and name is not ...
        m.write(owner.cell, "items", {**(entries or {}), name: value} if known else None)
        return
    items, position = items_of(owner), integer(at)
    if items is None or position is None or not -len(items) <= position < len(items):
        m.write(owner.cell, "items", None)
        return
    changed = list(items)
    changed[position] = value
    m.write(owner.cell, "items", tuple(changed))


__all__ = ["Fixed", "assign"]
