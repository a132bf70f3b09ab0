"""The methods of lists, dicts, tuples and texts."""

from __future__ import annotations

from ...ir.dims import Dim
from .machine import Machine
from .pythonic import iterate
from .values import (
    UNKNOWN,
    Arguments,
    Const,
    Fixed,
    Listing,
    Mapped,
    Value,
    const,
    dim_of,
    entries_of,
    integer,
    items_of,
    size,
)


def method(m: Machine, owner: Value, name: str, given: Arguments) -> Value:
    """A method of a list, tuple, dict or string."""
    match owner:
        case Listing():
            return _list_method(m, owner, name, given)
        case Mapped():
            return _dict_method(m, owner, name, given)
        case Fixed():
            return _tuple_method(owner, name, given)
        case Const(str() as text):
            return _text_method(text, name, given)
        case Const(None):
            return UNKNOWN
        case _:
            return UNKNOWN


def _list_method(m: Machine, owner: Listing, name: str, given: Arguments) -> Value:
    items = items_of(owner)
    first = given.positional[0] if given.positional else None
    at = integer(first) if first is not None else None
    match name:
        case "append" if first is not None and items is not None:
            m.write(owner.cell, "items", (*items, first))
        case "extend" if first is not None and items is not None:
            more = iterate(m, first)
            m.write(owner.cell, "items", None if more is None else items + more)
        case "insert" if items is not None and at is not None and len(given.positional) == 2:
            changed = list(items)
            changed.insert(at, given.positional[1])
            m.write(owner.cell, "items", tuple(changed))
        case "pop" if items and (first is None or at is not None):
            changed = list(items)
            position = -1 if at is None else at
            if not -len(changed) <= position < len(changed):
                return UNKNOWN
            found = changed.pop(position)
            m.write(owner.cell, "items", tuple(changed))
            return found
        case "reverse" if items is not None:
            m.write(owner.cell, "items", items[::-1])
        case "copy":
            return Listing({"items": items})
        case "index" | "count" | "as_list":
            return owner if name == "as_list" else UNKNOWN
        case "clear":
            m.write(owner.cell, "items", ())
        case _:
            m.write(owner.cell, "items", None)
            return UNKNOWN
    return Const(None)


def _dict_method(m: Machine, owner: Mapped, name: str, given: Arguments) -> Value:
    entries = entries_of(owner)
    key = const(given.positional[0]) if given.positional else ...
    default = given.positional[1] if len(given.positional) > 1 else Const(None)
    match name:
        case "items" if entries is not None:
            return Fixed(tuple(Fixed((Const(k), v)) for k, v in entries.items()))
        case "keys" if entries is not None:
            return Fixed(tuple(Const(k) for k in entries))
        case "values" if entries is not None:
            return Fixed(tuple(entries.values()))
        case "get" | "pop" | "setdefault" if entries is not None and key is not ...:
            found = entries.get(key, default)
            if name == "pop":
                rest = {k: v for k, v in entries.items() if k != key}
                m.write(owner.cell, "items", rest)
            elif name == "setdefault":
                m.write(owner.cell, "items", {**entries, key: found})
            return found
        case "copy":
            return Mapped({"items": entries})
        case "update" if entries is not None and given.complete:
            more = entries_of(given.positional[0]) if given.positional else {}
            merged = None if more is None else {**entries, **more, **given.keywords}
            m.write(owner.cell, "items", merged)
            return Const(None)
        case "items" | "keys" | "values" | "get":
            return UNKNOWN
        case _:
            m.write(owner.cell, "items", None)
            return UNKNOWN


def _tuple_method(owner: Fixed, name: str, given: Arguments) -> Value:
    """Of tuples, and of the shapes of tensors."""
    match name:
        case "as_list":
            return Listing({"items": owner.items})
        case "num_elements":
            total = Dim.of(1)
            for item in owner.items:
                dim = dim_of(item)
                if dim is None:
                    return UNKNOWN
                total = total * dim
            return size(total)
        case "concatenate" if given.positional:
            other = items_of(given.positional[0])
            return UNKNOWN if other is None else Fixed(owner.items + other)
        case _:
            return UNKNOWN


def _text_method(text: str, name: str, given: Arguments) -> Value:
    values = [const(v) for v in given.positional]
    if name == "format" or ... in values or given.keywords or not given.complete:
        return UNKNOWN
    known = {
        *("lower", "upper", "strip", "startswith", "endswith", "replace", "capitalize", "title"),
        *("lstrip", "rstrip", "count", "find"),
    }
    if name in known:
        try:
            return Const(getattr(text, name)(*values))
        except (TypeError, ValueError):
            return UNKNOWN
    if name in ("split", "rsplit") and all(isinstance(v, (str, int)) for v in values):
        return Listing({"items": tuple(Const(p) for p in getattr(text, name)(*values))})
    return UNKNOWN
