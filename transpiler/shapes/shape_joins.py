"""Tensors put together and taken apart."""
# pyright: basic

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from ...rules.language.equations import linear_map
from .shape_layouts import expand
from .shape_operands import reduce
from .shape_sizes import Argument, ListOf, list_total, size_of, total
from .shapes import UNKNOWN, Shape, Size


def concat(xs: Argument, axis: Argument = -1) -> Shape:
    if isinstance(xs, ListOf) and isinstance(axis, int):
        item = xs.item
        if axis in (-1, 3 if item.rank is None else item.rank - 1):
            return item.with_last(list_total(xs.sizes))
        if item.dims is None:
            return UNKNOWN
        where = axis % len(item.dims)
        return Shape(tuple(None if i == where else d for i, d in enumerate(item.dims)))
    if not isinstance(xs, (tuple, list)) or not xs or not isinstance(axis, int):
        return UNKNOWN
    shapes = [s if isinstance(s, Shape) else UNKNOWN for s in cast(Many[Any], xs)]
    ranked = [s for s in shapes if s.dims is not None]
    if not ranked:
        if axis in (-1, 3):  # see Shape.size
            return Shape(None, total([s.axis(-1) for s in shapes]))
        # Without a rank a positive axis may or may not be the last one.
        return UNKNOWN
    rank = len(ranked[0].dims or ())
    if not rank:  # scalars: the source raises, or gives the only one back
        return UNKNOWN
    shapes = [s.at_rank(rank) for s in shapes]
    position = axis % rank
    dims: list[Size] = []
    for i in range(rank):
        here = [s.axis(i) for s in shapes]
        known = [d for d in here if d is not None]
        dims.append(total(here) if i == position else known[0] if known else None)
    return Shape(tuple(dims))


def stack(xs: Argument, axis: Argument = 0) -> Shape:
    if not isinstance(xs, (tuple, list)) or not xs:
        return UNKNOWN
    items = cast(Many[Any], xs)
    return insert(items[0], axis, Dim.of(len(items)))


def insert(x: Argument, axis: Argument, size: Size) -> Shape:
    result = expand(x, axis)
    if result.dims is None or not isinstance(axis, int):
        return UNKNOWN
    position = axis % len(result.dims)
    return Shape((*result.dims[:position], size, *result.dims[position + 1 :]))


def unstack(x: Argument, num: Argument = None, axis: Argument = 0) -> Any:
    if not isinstance(x, Shape) or not isinstance(axis, int):
        return UNKNOWN
    count = num if isinstance(num, int) else None
    if count is None:
        found = x.axis(axis)
        count = found.constant if found is not None else None
    return UNKNOWN if count is None else [reduce(x, axis) for _ in range(count)]


def split(x: Argument, sizes: Argument, axis: Argument = 0) -> Any:
    """`sizes`: a count of equal parts, or the size of each part, one of which may be -1."""
    if not isinstance(x, Shape) or not isinstance(axis, int) or (x.dims is None and axis != -1):
        return UNKNOWN
    whole = x.axis(axis)
    if isinstance(sizes, int):
        parts: list[Size] = [None if whole is None else whole // Dim.of(sizes)] * sizes
    elif isinstance(sizes, (tuple, list)):
        parts = [size_of(s) for s in cast(Many[Any], sizes)]
        if Dim.of(-1) in parts:
            known = total([p for p in parts if p != Dim.of(-1)])
            rest = None if whole is None or known is None else whole - known
            parts = [rest if p == Dim.of(-1) else p for p in parts]
    else:
        return UNKNOWN
    if x.dims is None:
        return [x.with_last(p) for p in parts]
    at = axis % len(x.dims)
    return [Shape((*x.dims[:at], p, *x.dims[at + 1 :])) for p in parts]


def take(x: Argument, indices: Argument, axis: Argument = 0, batch_dims: Argument = 0) -> Shape:
    if not isinstance(x, Shape) or not isinstance(indices, Shape) or not isinstance(axis, int):
        return UNKNOWN
    if not isinstance(batch_dims, int):
        return UNKNOWN
    if x.dims is None or indices.dims is None:
        return Shape(None, x.axis(-1)) if axis == 0 and not batch_dims else UNKNOWN
    position = axis % len(x.dims)
    return Shape((*x.dims[:position], *indices.dims[batch_dims:], *x.dims[position + 1 :]))


def append(x: Argument, size: Argument) -> Shape:
    """One more axis at the end: embeddings, one-hot."""
    if not isinstance(x, Shape) or x.dims is None:
        return Shape(None, size_of(size))
    return Shape((*x.dims, size_of(size)))


def embed(x: Argument, output_dim: Argument) -> Shape:
    return append(x, output_dim)


def reversible_embed(
    x: Argument, input_dim: Argument, output_dim: Argument, reverse: Argument = False
) -> Shape:
    if reverse is True:
        return x.with_last(size_of(input_dim)) if isinstance(x, Shape) else UNKNOWN
    return embed(x, output_dim) if reverse is False else UNKNOWN


def einsum_dense(x: Argument, equation: Argument, output_shape: Argument) -> Shape:
    """`EinsumDense`: the new sizes stand at the end of `output_shape`."""
    found = linear_map(equation) if isinstance(equation, str) else None
    sizes = list(output_shape) if isinstance(output_shape, (tuple, list)) else [output_shape]
    if found is None or not isinstance(x, Shape) or len(found.new) > len(sizes):
        return UNKNOWN
    new = [size_of(size) for size in sizes[-len(found.new) :]]
    if x.dims is None:
        return x.with_last(new[-1]) if len(new) == len(found.contracted) else Shape(None, new[-1])
    return Shape((*x.dims[: -len(found.contracted)], *new))


def one_hot(x: Argument, depth: Argument, axis: Argument = -1) -> Shape:
    if axis in (-1, None):
        return append(x, depth)
    return insert(x, axis, size_of(depth))
