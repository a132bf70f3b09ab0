"""Python's own functions, and the methods of its lists, dicts and strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ...ir.dims import Dim
from .machine import Machine
from .numbers import real, whole
from .tensors import elements
from .values import (
    UNKNOWN,
    Api,
    Arguments,
    ClassValue,
    Const,
    External,
    Fixed,
    Function,
    Instance,
    Layer,
    Listing,
    Mapped,
    Place,
    Real,
    RecordType,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    entries_of,
    integer,
    items_of,
    size,
)

LONGEST = 512


def iterate(m: Machine, value: Value) -> tuple[Value, ...] | None:
    """The elements of what is iterated; None when they are not known."""
    items = items_of(value)
    if items is not None:
        return items
    match value:
        case Tensor():
            return elements(m, value)
        case Const(str() as text) if len(text) <= LONGEST:
            return tuple(Const(c) for c in text)
        case Mapped():
            entries = entries_of(value)
            return None if entries is None else tuple(Const(k) for k in entries)
        case _:
            return None


def builtin(m: Machine, name: str, given: Arguments, place: Place) -> Value:
    function = BUILTINS.get(name)
    if function is None or not given.complete:
        return UNKNOWN
    try:
        return function(m, given.positional, given.keywords)
    except (TypeError, ValueError, IndexError, OverflowError):
        return UNKNOWN


Keywords = Mapping[str, Value]


def _len(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    value = given[0]
    if isinstance(value, Tensor):
        return size(value.dims[0]) if value.dims else UNKNOWN
    items = iterate(m, value)
    if items is not None:
        return Const(len(items))
    return Size(m.solver.fresh("len", "int")) if isinstance(value, (Listing, Mapped)) else UNKNOWN


def _range(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    bounds = [integer(v) for v in given]
    numbers = [b for b in bounds if b is not None]
    if len(numbers) < len(bounds) or not numbers:
        return UNKNOWN
    found = range(*numbers)
    return Fixed(tuple(Const(i) for i in found)) if len(found) <= LONGEST else UNKNOWN


def _enumerate(m: Machine, given: Sequence[Value], keywords: Keywords) -> Value:
    items = iterate(m, given[0])
    start = integer(given[1] if len(given) > 1 else keywords.get("start", Const(0)))
    if items is None or start is None:
        return UNKNOWN
    return Fixed(tuple(Fixed((Const(i), v)) for i, v in enumerate(items, start)))


def _zip(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    columns = [iterate(m, v) for v in given]
    known = [c for c in columns if c is not None]
    if len(known) < len(columns):
        return UNKNOWN
    return Fixed(tuple(Fixed(row) for row in zip(*known, strict=False)))


def _listing(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    return Listing({"items": iterate(m, given[0]) if given else ()})


def _tuple(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    items = iterate(m, given[0]) if given else ()
    return UNKNOWN if items is None else Fixed(items)


def _reversed(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    items = iterate(m, given[0])
    return UNKNOWN if items is None else Fixed(items[::-1])


def _sorted(m: Machine, given: Sequence[Value], keywords: Keywords) -> Value:
    items = iterate(m, given[0])
    values = None if items is None else [const(v) for v in items]
    if values is None or ... in values or keywords:
        return Listing({"items": None})
    ordered = sorted(cast(list[int], values))
    return Listing({"items": tuple(Const(v) for v in ordered)})


def _int(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant = const(given[0]) if given else 0
    if isinstance(constant, (int, float, str)):
        return Const(int(constant))
    value = given[0]
    if isinstance(value, Real):
        return whole(value)
    return value if isinstance(value, Size) else UNKNOWN


def _float(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant = const(given[0])
    if isinstance(constant, (int, float, str)):
        return Const(float(constant))
    return real(given[0]) or UNKNOWN


def _str(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant = const(given[0])
    return Const(str(constant)) if isinstance(constant, (int, float, str)) else UNKNOWN


def _bool(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant = const(given[0])
    return UNKNOWN if constant is ... else Const(bool(constant))


def _extremum(name: str) -> Callable[[Machine, Sequence[Value], Keywords], Value]:
    def function(m: Machine, given: Sequence[Value], keywords: Keywords) -> Value:
        items = iterate(m, given[0]) if len(given) == 1 else given
        if not items or keywords:
            return UNKNOWN
        numbers = [const(v) for v in items]
        if ... not in numbers:
            known = cast(list[int], numbers)
            return Const(max(known) if name == "max" else min(known))
        dims = [dim_of(v) for v in items]
        known_dims = [d for d in dims if d is not None]
        if len(known_dims) < len(dims):
            return UNKNOWN
        return size(Dim.extremum(name, *known_dims))

    return function


def _sum(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    items = iterate(m, given[0])
    if items is None or len(given) > 1:
        return UNKNOWN
    dims = [dim_of(v) for v in items]
    known = [d for d in dims if d is not None]
    if len(known) < len(dims):
        numbers = [const(v) for v in items]
        plain = all(isinstance(n, (int, float)) for n in numbers)
        return Const(sum(cast(list[float], numbers))) if plain else UNKNOWN
    total = Dim.of(0)
    for d in known:
        total = total + d
    return size(total)


def _abs(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant = const(given[0])
    if isinstance(constant, (int, float)):
        return Const(abs(constant))
    return given[0] if isinstance(given[0], Tensor) else UNKNOWN


def _round(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    constant, places = const(given[0]), const(given[1]) if len(given) > 1 else None
    if not isinstance(constant, (int, float)):
        return UNKNOWN
    return Const(round(constant, places) if isinstance(places, int) else round(constant))


def _isinstance(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    value, kinds = given[0], iterate(m, given[1]) or (given[1],)
    answers = [_is_kind(value, kind) for kind in kinds]
    if True in answers:
        return Const(True)
    return UNKNOWN if None in answers else Const(False)


PYTHON_TYPES: Mapping[str, type] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "complex": complex,
    "bytes": bytes,
}


def _is_kind(value: Value, kind: Value) -> bool | None:
    """Whether a value is of a built-in type or a class of the project."""
    if isinstance(kind, External) and kind.dotted.startswith("builtins."):
        wanted = PYTHON_TYPES.get(kind.dotted.rpartition(".")[2])
        if wanted is None:
            return None
        match value:
            case Const(constant) if constant is not Ellipsis:
                return isinstance(constant, wanted)
            case Listing():
                return wanted is list
            case Fixed():
                return wanted is tuple if not value.shape else None
            case Mapped():
                return wanted is dict
            case Tensor() | Layer() | Instance() | Function() | Api():
                return False
            case Size(_, True):
                return None if wanted is int else False
            case Real():
                return wanted is float
            case _:
                return None
    if isinstance(kind, External) and isinstance(value, Instance):
        # A class of another library that the lineage does not name is none of the object's.
        bases = [b for c in lineage(value.cls) for b in c.bases]
        return True if kind in bases else None if UNKNOWN in bases else False
    if isinstance(kind, ClassValue) and isinstance(value, Instance):
        return kind in lineage(value.cls)
    if isinstance(kind, (ClassValue, RecordType)) and isinstance(value, Fixed) and value.of:
        return kind == value.of or (value.of.cls is not None and kind in lineage(value.of.cls))
    if isinstance(kind, ClassValue) and isinstance(value, (Const, Listing, Fixed, Layer, Tensor)):
        return False
    if isinstance(kind, External) and isinstance(value, Layer):
        return kind.dotted == value.symbol
    return None


def lineage(cls: ClassValue) -> list[ClassValue]:
    """The class and those of the project that it derives from, in the order of look-up."""
    found = [cls]
    for base in cls.bases:
        if isinstance(base, ClassValue):
            found += [c for c in lineage(base) if c not in found]
    return found


def _map(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    return UNKNOWN


def _dict(m: Machine, given: Sequence[Value], keywords: Keywords) -> Value:
    if not given:
        return Mapped({"items": dict(keywords)})
    entries = entries_of(given[0])
    return Mapped({"items": None if entries is None else {**entries, **keywords}})


def _getattr(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    value, name = given[0], const(given[1])
    if isinstance(value, Instance) and isinstance(name, str) and name in value.attributes:
        return value.attributes[name]
    return UNKNOWN


def _callable(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    match given[0]:
        case Function() | Api() | Layer() | ClassValue():
            return Const(True)
        case Const() | Fixed() | Listing() | Tensor():
            return Const(False)
        case _:
            return UNKNOWN


def _nothing(m: Machine, given: Sequence[Value], _: Keywords) -> Value:
    return Const(None)


BUILTINS: Mapping[str, Callable[[Machine, Sequence[Value], Keywords], Value]] = {
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "list": _listing,
    "tuple": _tuple,
    "reversed": _reversed,
    "sorted": _sorted,
    "int": _int,
    "float": _float,
    "str": _str,
    "bool": _bool,
    "max": _extremum("max"),
    "min": _extremum("min"),
    "sum": _sum,
    "abs": _abs,
    "round": _round,
    "isinstance": _isinstance,
    "map": _map,
    "dict": _dict,
    "getattr": _getattr,
    "callable": _callable,
    "print": _nothing,
}


# -- methods
