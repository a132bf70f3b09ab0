"""Functions that join arrays, and take them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ....ir.dims import Dim
from ..broadcasting import same_shape, sizes_agree
from ..text import shape_text
from ..values import (
    NONE,
    UNKNOWN,
    Fixed,
    Listing,
    Tensor,
    Value,
    dim_of,
    integer,
    items_of,
)
from .dtypes import promote
from .sizes import product, typed
from .use import (
    Use,
    array,
    axis_of,
    out_of_range,
)


def _arrays(use: Use, name: str = "arrays") -> list[Tensor] | None:
    items = items_of(use.get(name, use.get("operands")))
    return None if not items else [array(use.m, v) for v in items]


def concatenate(use: Use) -> Value:
    arrays = _arrays(use)
    if arrays is None:
        x = use.get("arrays")
        if isinstance(x, Tensor) and x.dims is not None and len(x.dims) > 1:
            first = x.dims[0] * x.dims[1]
            return typed(x, (first, *x.dims[2:])) if integer(use.get("axis")) == 0 else Tensor()
        return Tensor()
    return joined(use, arrays, use.get("axis", use.get("dimension")))


def joined(use: Use, arrays: Sequence[Tensor], axis: Value) -> Tensor:
    dtype, weak = promote(arrays)
    if use.get("dtype") != NONE:
        dtype, weak = use.dtype(), False
    ranks = {x.rank for x in arrays}
    if None in ranks:
        return Tensor(None, dtype)
    if len(ranks) > 1:
        shown = ", ".join(shape_text(x.dims) for x in arrays)
        return use.report("TJ4003", f"arrays of unequal rank are concatenated: {shown}")
    rank = ranks.pop() or 0
    if axis == NONE:
        total = [product(x.dims or ()) for x in arrays]
        return Tensor((_sum(total),), dtype, weak=weak)
    at = axis_of(axis, rank)
    if at is None:
        if out_of_range(axis, rank):
            return use.report("TJ4004", f"no axis {integer(axis)} in arrays of rank {rank}")
        return Tensor(None, dtype)
    first = arrays[0]
    for other in arrays[1:]:
        for i in range(rank):
            if i != at and not sizes_agree(use.m, first, other, i, i, use.place, "`concatenate`"):
                return Tensor(None, dtype)
    dims = list(first.dims or ())
    dims[at] = _sum([(x.dims or ())[at] for x in arrays])
    return Tensor(tuple(dims), dtype, weak=weak)


def _sum(dims: Sequence[Dim]) -> Dim:
    total = Dim.of(0)
    for d in dims:
        total = total + d
    return total


def stack(use: Use) -> Value:
    arrays = _arrays(use)
    if arrays is None:
        x = use.get("arrays")
        return x if isinstance(x, Tensor) and integer(use.get("axis")) == 0 else Tensor()
    dtype, weak = promote(arrays)
    if any(x.dims is None for x in arrays):
        return Tensor(None, dtype)
    if not same_shape(use.m, arrays, use.place, "`stack`"):
        return Tensor(None, dtype)
    first = arrays[0].dims or ()
    at = axis_of(use.get("axis"), len(first) + 1)
    if at is None:
        return Tensor(None, dtype)
    return Tensor((*first[:at], Dim.of(len(arrays)), *first[at:]), dtype, weak=weak)


def split(use: Use) -> Value:
    x = use.tensor("ary")
    at = axis_of(use.get("axis"), x.rank or 0)
    parts = use.get("indices_or_sections")
    if x.dims is None or at is None:
        return UNKNOWN
    whole, count = x.dims[at], integer(parts)

    def part(size: Dim) -> Tensor:
        return typed(x, [size if i == at else d for i, d in enumerate(x.dims or ())])

    if count is not None and count > 0:
        number = use.m.number(whole)
        if number is not None and number % count:
            return use.report("TJ4005", f"{number} does not split into {count} equal parts")
        return Listing({"items": (part(whole // Dim.of(count)),) * count})
    items = items_of(parts)
    bounds = None if items is None else [dim_of(v) for v in items]
    if bounds is None or None in bounds:
        return UNKNOWN
    edges = [Dim.of(0), *(b for b in bounds if b is not None), whole]
    edges = [whole + e if (e.constant or 0) < 0 else e for e in edges]
    pairs = pairwise(edges)
    return Listing({"items": tuple(part(b - a) for a, b in pairs)})


def unstack(use: Use) -> Value:
    x = use.tensor("x")
    at = axis_of(use.get("axis"), x.rank or 0)
    if x.dims is None or at is None:
        return UNKNOWN
    count = use.m.number(x.dims[at])
    if count is None or count > 256:
        return UNKNOWN
    return Fixed((typed(x, [d for i, d in enumerate(x.dims) if i != at]),) * count)
