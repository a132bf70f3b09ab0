"""What `value[index]` stands for."""

from __future__ import annotations

from ...ir.nodes import (
    Expression,
    Slice,
    Tuple,
)
from . import tensors
from .machine import Machine
from .operators import joined_text
from .tensors import Cut
from .values import (
    UNKNOWN,
    Const,
    Fixed,
    Frame,
    Listing,
    Method,
    Tensor,
    Value,
    const,
    entries_of,
    integer,
    items_of,
)


def subscript(m: Machine, value: Value, index: Expression, frame: Frame, e: Expression) -> Value:
    parts = [
        _index(m, i, frame) for i in (index.elements if isinstance(index, Tuple) else (index,))
    ]
    if isinstance(value, Method) and value.name == "at":
        return Method(value.owner, "at[]")
    if isinstance(value, Tensor) and m.library is not None:
        return m.library.index(m, value, _spread(parts), m.place(e, frame))
    if isinstance(value, Tensor):
        if len(parts) == 1 and isinstance(parts[0], (Fixed, Listing)):
            return Tensor(None, value.dtype)
        return tensors.subscript(m, value, parts, m.place(e, frame))
    items = items_of(value)
    text = const(value)
    if isinstance(text, str) and len(parts) == 1:
        found = _item(m, value, tuple(Const(c) for c in text), parts[0])
        letters = items_of(found)
        return found if letters is None else joined_text(m, list(letters))
    if items is not None and len(parts) == 1:
        return _item(m, value, items, parts[0])
    entries = entries_of(value)
    if entries is not None and len(parts) == 1 and isinstance(parts[0], Value):
        return entries.get(const(parts[0]), UNKNOWN)
    return UNKNOWN


def _spread(parts: list[Value | Cut]) -> list[Value | Cut]:
    """`x[(1, 2)]` is `x[1, 2]`."""
    if len(parts) == 1 and isinstance(parts[0], Fixed):
        return list(parts[0].items)
    return parts


def _index(m: Machine, index: Expression, frame: Frame) -> Value | Cut:
    if isinstance(index, Slice):
        bounds = (
            Const(None) if part is None else m.evaluate(part, frame)
            for part in (index.lower, index.upper, index.step)
        )
        return Cut(*bounds)
    return m.evaluate(index, frame)


def _item(m: Machine, value: Value, items: tuple[Value, ...], part: Value | Cut) -> Value:
    if isinstance(part, Cut):
        bounds: list[int | None] = []
        for bound in (part.lower, part.upper, part.step):
            number = integer(bound)
            if number is None and bound != Const(None):
                return Listing({"items": None}) if isinstance(value, Listing) else UNKNOWN
            bounds.append(number)
        if bounds[2] == 0:
            return UNKNOWN
        chosen = items[slice(*bounds)]
        if isinstance(value, Listing):
            return Listing({"items": chosen})
        return Fixed(chosen, isinstance(value, Fixed) and value.shape)
    at = integer(part)
    return items[at] if at is not None and -len(items) <= at < len(items) else UNKNOWN
