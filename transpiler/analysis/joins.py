"""What is known of a value that comes from one of several branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ...ir.dims import Dim
from .solver import Solution
from .trail import MISSING
from .values import (
    UNKNOWN,
    Const,
    Either,
    Fixed,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Place,
    Size,
    Stack,
    Tensor,
    Value,
    dim_of,
)

CALLABLE = (Layer, Instance, Function, Graph, Stack)
MOST_OPTIONS = 4
Fresh = Callable[[str, str], Dim]


def join_cells(fresh: Fresh) -> Callable[[Any, Any], Any]:
    """For contents of cells: values, tuples and dicts of values, equations."""

    def join(left: Any, right: Any) -> Any:
        if left is MISSING or right is MISSING:
            other = right if left is MISSING else left
            # A variable that only one branch sets; an equation that only one branch asks for.
            return UNKNOWN if isinstance(other, Value) else MISSING
        if isinstance(left, Value) and isinstance(right, Value):
            return join_values(left, right, fresh)
        if isinstance(left, tuple) and isinstance(right, tuple):
            return _tuples(cast(tuple[Any, ...], left), cast(tuple[Any, ...], right), fresh)
        if isinstance(left, dict) and isinstance(right, dict):
            return _dicts(cast(dict[Any, Any], left), cast(dict[Any, Any], right), fresh)
        if left == right:
            return cast(Any, left)
        return MISSING if isinstance(left, Solution) else None

    return join


def _tuples(left: tuple[Any, ...], right: tuple[Any, ...], fresh: Fresh) -> Any:
    if left == right:
        return left
    values = all(isinstance(v, Value) for v in (*left, *right))
    if values and len(left) == len(right):
        return tuple(join_values(a, b, fresh) for a, b in zip(left, right, strict=True))
    if values and (left or right):
        return None
    # Equations left over: those that hold either way.
    both = tuple(v for v in left if v in right)
    return both if not values else None


def _dicts(left: dict[Any, Any], right: dict[Any, Any], fresh: Fresh) -> Any:
    if left.keys() != right.keys():
        return None
    return {k: join_values(v, right[k], fresh) for k, v in left.items()}


def join_values(left: Value, right: Value, fresh: Fresh) -> Value:
    if left is right or left == right:
        return left
    match left, right:
        case Tensor(), Tensor():
            return join_tensors(left, right, fresh)
        case Fixed(items=a, shape=s), Fixed(items=b) if len(a) == len(b):
            joined = (join_values(x, y, fresh) for x, y in zip(a, b, strict=True))
            return Fixed(tuple(joined), s, left.of if left.of == right.of else None)
        case (Const() | Size(), Const() | Size()):
            if dim_of(left) is None or dim_of(right) is None:
                return UNKNOWN
            sure = getattr(left, "sure", True) and getattr(right, "sure", True)
            return Size(fresh("?", "int"), sure)
        case Function(), Function() if _same(left, right):
            return left
        case _:
            options = tuple(dict.fromkeys((*_options(left), *_options(right))))
            callables = all(isinstance(v, CALLABLE) for v in options)
            return Either(options) if callables and len(options) <= MOST_OPTIONS else UNKNOWN


def _same(left: Function, right: Function) -> bool:
    """Whether it is one function: each access to a method gives a new value."""
    return (
        left.node is right.node
        and left.frame is right.frame
        and left.owner is right.owner
        and left.defaults is right.defaults
    )


def _options(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, Either) else (value,)


def join_tensors(left: Tensor, right: Tensor, fresh: Fresh) -> Tensor:
    dtype = left.dtype if left.dtype == right.dtype else None
    symbolic = left.symbolic or right.symbolic
    if left.dims is None or right.dims is None or len(left.dims) != len(right.dims):
        last = left.last if left.dims is None else left.dims[-1] if left.dims else None
        other = right.last if right.dims is None else right.dims[-1] if right.dims else None
        return Tensor(None, dtype, (), last if last == other else None, symbolic)
    dims: list[Dim] = []
    origins: list[Place | None] = []
    for axis, (a, b) in enumerate(zip(left.dims, right.dims, strict=True)):
        dims.append(a if a == b else fresh("?", "size"))
        origins.append(left.origin(axis) if a == b else None)
    return Tensor(tuple(dims), dtype, tuple(origins), None, symbolic)


def alike(left: Any, right: Any) -> bool:
    """Whether two values tell the same but for the names of unknown sizes."""
    match left, right:
        case Tensor(dims=a), Tensor(dims=b):
            if a is None or b is None:
                return a is b
            return len(a) == len(b) and all(_dims_alike(x, y) for x, y in zip(a, b, strict=True))
        case Fixed(items=a), Fixed(items=b):
            return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
        case Size(a), Size(b):
            return _dims_alike(a, b)
        case tuple(), tuple():
            one, two = cast(tuple[Any, ...], left), cast(tuple[Any, ...], right)
            return len(one) == len(two) and all(alike(x, y) for x, y in zip(one, two, strict=True))
        case _:
            return left is right or left == right


def _dims_alike(left: Dim, right: Dim) -> bool:
    return left == right or (left.constant is None and right.constant is None)


def mutable_cells(value: Value) -> list[dict[str, Any]]:
    """The cells that code which gets the value may write."""
    match value:
        case Listing(cell=cell) | Mapped(cell=cell):
            return [cell, *(c for v in _inside(cell.get("items")) for c in mutable_cells(v))]
        case Fixed(items=items):
            return [c for v in items for c in mutable_cells(v)]
        case Instance() | Layer() | Graph():
            return []
        case _:
            return []


def _inside(items: object) -> list[Value]:
    found: list[Any] = []
    if isinstance(items, tuple):
        found = list(cast(tuple[Any, ...], items))
    elif isinstance(items, Mapping):
        found = list(cast(Mapping[Any, Any], items).values())
    return [v for v in found if isinstance(v, Value)]
