"""Tensors of sizes: `tf.shape(x)` and what programs compute from it, as values.

Each function takes the arguments of an operation by the names of its rule, and gives None where
they are no sizes: then the operation is one on tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from ...ir.dims import Dim
from .numbers import arithmetic
from .values import (
    NONE,
    Const,
    Fixed,
    Listing,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)

Binding = Mapping[str, Value]


def vector(value: Value) -> tuple[Value, ...] | None:
    """The sizes in a list or tuple of nothing else."""
    items = items_of(value) if isinstance(value, (Fixed, Listing)) else None
    if items is None or any(dim_of(v) is None for v in items):
        return None
    return items


def is_symbolic(value: Value) -> bool:
    """Whether a size takes part that a tensor tells, rather than numbers only."""
    if isinstance(value, Fixed) and value.shape:
        return True
    return isinstance(value, Size) or any(isinstance(v, Size) for v in items_of(value) or ())


def _concat(b: Binding) -> Value | None:
    parts = items_of(b["values"])
    vectors = [vector(v) for v in parts or ()]
    if not parts or None in vectors or not any(map(is_symbolic, parts)):
        return None
    return Fixed(tuple(v for part in vectors for v in part or ()), shape=True)


def _stack(b: Binding) -> Value | None:
    items = vector(b["values"])
    if items is None or not any(map(is_symbolic, items)):
        return None
    return Fixed(items, shape=True)


def _unstack(b: Binding) -> Value | None:
    value = b["value"]
    items = vector(value)
    return Fixed(items) if items is not None and is_symbolic(value) else None


def _product(b: Binding) -> Value | None:
    items = _reduced(b)
    if items is None:
        return None
    total = Dim.of(1)
    for item in items:
        total = total * (dim_of(item) or Dim.of(1))
    return size(total)


def _sum(b: Binding) -> Value | None:
    items = _reduced(b)
    if items is None:
        return None
    total = Dim.of(0)
    for item in items:
        total = total + (dim_of(item) or Dim.of(0))
    return size(total)


def _reduced(b: Binding) -> tuple[Value, ...] | None:
    value = b["input_tensor"]
    whole = b.get("axis") in (NONE, Const(0), Const(-1)) and const(b.get("keepdims", NONE)) is False
    return vector(value) if whole and is_symbolic(value) else None


def _extremum(function: Literal["max", "min"]) -> Callable[[Binding], Value | None]:
    def of(b: Binding) -> Value | None:
        x, y = b["x"], b["y"]
        one, other = dim_of(x), dim_of(y)
        if one is None or other is None or not (is_symbolic(x) or is_symbolic(y)):
            return None
        return size(Dim.extremum(function, one, other))

    return of


def _binary(symbol: str) -> Callable[[Binding], Value | None]:
    def of(b: Binding) -> Value | None:
        x, y = b["x"], b["y"]
        if dim_of(x) is None or dim_of(y) is None or not (is_symbolic(x) or is_symbolic(y)):
            return None
        return arithmetic(symbol, x, y)

    return of


def _gather(b: Binding) -> Value | None:
    items, indices = vector(b["params"]), b["indices"]
    if items is None or not is_symbolic(b["params"]):
        return None
    listed = items_of(indices)
    found = [integer(v) for v in ((indices,) if listed is None else listed)]
    if any(i is None or not 0 <= i < len(items) for i in found):
        return None
    chosen = tuple(items[i] for i in found if i is not None)
    return chosen[0] if listed is None else Fixed(chosen, shape=True)


def _slice(b: Binding) -> Value | None:
    items = vector(b["input_"])
    begin, count = vector(b["begin"]), vector(b["size"])
    if items is None or not is_symbolic(b["input_"]) or not begin or not count:
        return None
    first, number = integer(begin[0]), integer(count[0])
    if first is None or number is None or first < 0:
        return None
    return Fixed(items[first:] if number < 0 else items[first : first + number], shape=True)


def _reverse(b: Binding) -> Value | None:
    items = vector(b["tensor"])
    return Fixed(items[::-1], shape=True) if items and is_symbolic(b["tensor"]) else None


def _same(name: str) -> Callable[[Binding], Value | None]:
    def of(b: Binding) -> Value | None:
        return b[name] if dim_of(b[name]) is not None or is_symbolic(b[name]) else None

    return of


def _rank(b: Binding) -> Value | None:
    x = b["input"]
    return Const(x.rank) if isinstance(x, Tensor) and x.rank is not None else None


def _count(b: Binding) -> Value | None:
    x = b["input"]
    if not isinstance(x, Tensor) or x.dims is None:
        return None
    total = Dim.of(1)
    for dim in x.dims:
        total = total * dim
    return size(total)


OWNERS = ("tf", "tf.math", "keras.ops", "keras.backend")
FUNCTIONS: Mapping[str, Callable[[Binding], Value | None]] = {
    "concat": _concat,
    "stack": _stack,
    "unstack": _unstack,
    "reduce_prod": _product,
    "reduce_sum": _sum,
    "maximum": _extremum("max"),
    "minimum": _extremum("min"),
    "add": _binary("+"),
    "subtract": _binary("-"),
    "multiply": _binary("*"),
    "floordiv": _binary("//"),
    "floormod": _binary("%"),
    "gather": _gather,
    "slice": _slice,
    "reverse": _reverse,
    "identity": _same("input"),
    "rank": _rank,
    "size": _count,
}


def result(symbol: str, binding: Binding) -> Value | None:
    """What the operation gives for sizes. `symbol`: that of the rule."""
    owner, _, name = symbol.rpartition(".")
    function = FUNCTIONS.get(name)
    if function is None or owner not in OWNERS:
        return None
    try:
        return function(binding)
    except KeyError:
        return None


__all__ = ["is_symbolic", "result", "vector"]
