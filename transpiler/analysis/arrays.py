"""NumPy functions that make arrays. Their dtype gives way to that of a tensor: it stays open."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.dims import Dim
from .machine import Machine
from .tensors import stacked
from .values import (
    UNKNOWN,
    Arguments,
    Const,
    Fixed,
    Place,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)

BY_SHAPE = frozenset(
    {"zeros", "ones", "empty", "full", "random.random", "random.random_sample", "random.sample"}
)
BY_SIZE = frozenset({"random.normal", "random.uniform", "random.randint", "random.choice"})
BY_DIMS = frozenset({"random.rand", "random.randn"})
KEEPS = frozenset(
    {"sqrt", "exp", "log", "abs", "zeros_like", "ones_like", "float32", "asarray", "array"}
)


def numpy_call(m: Machine, name: str, given: Arguments, place: Place) -> Value:
    first = given.positional[0] if given.positional else UNKNOWN
    if not given.complete:
        return UNKNOWN
    if name in BY_SHAPE:
        return of_shape(m, given.keywords.get("shape", given.keywords.get("size", first)), place)
    if name in BY_SIZE:
        shape = given.keywords.get("size")
        return UNKNOWN if shape is None else of_shape(m, shape, place)
    if name in BY_DIMS:
        return of_sizes(m, given.positional, place)
    if name == "linspace" and len(given.positional) == 3:
        return _linspace(*given.positional)
    if name in ("prod",):
        return product_of(first)
    numbers = const(first)
    if isinstance(numbers, (int, float)) and name in ("sqrt", "log2", "ceil", "floor", "log"):
        import math

        try:
            return Const(getattr(math, name)(numbers))
        except (ValueError, OverflowError):
            return UNKNOWN
    if name in KEEPS and isinstance(first, Tensor):
        return Tensor(first.dims, None, first.origins)
    if name in ("array", "asarray"):
        found = stacked(m, first)
        if found is None or found.dims is None:
            return UNKNOWN
        return Tensor(found.dims, None, (place,) * len(found.dims))
    return UNKNOWN


def of_shape(m: Machine, shape: Value, place: Place) -> Value:
    items = items_of(shape)
    if items is not None:
        return of_sizes(m, items, place)
    return UNKNOWN if dim_of(shape) is None else of_sizes(m, (shape,), place)


def of_sizes(m: Machine, sizes: Sequence[Value], place: Place) -> Tensor:
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in sizes)
    return Tensor(dims, None, (place,) * len(dims))


def product_of(value: Value) -> Value:
    """The product of a sequence of sizes."""
    items = items_of(value)
    dims = [dim_of(v) for v in items or ()]
    if items is None or any(d is None for d in dims):
        return UNKNOWN
    total = Dim.of(1)
    for d in dims:
        total = total * (d or Dim.of(1))
    return size(total)


def _linspace(start: Value, stop: Value, number: Value) -> Value:
    first, last, count = const(start), const(stop), integer(number)
    if count is None or not 1 < count <= 512:
        return UNKNOWN
    if not isinstance(first, (int, float)) or not isinstance(last, (int, float)):
        return Fixed((UNKNOWN,) * count)
    step = (last - first) / (count - 1)
    return Fixed(tuple(Const(first + i * step) for i in range(count)))
