"""Functions that take elements, or tell of shapes: indexing, diagonals, sizes."""

from __future__ import annotations

from ....ir.dims import Dim
from ..broadcasting import broadcast
from ..text import shape_text
from ..values import (
    NONE,
    UNKNOWN,
    Const,
    Fixed,
    Tensor,
    Value,
    dim_of,
    integer,
)
from .sizes import first_array, product, typed
from .use import (
    Use,
    axis_of,
    filled,
    sizes_of,
)


def taken(use: Use) -> Value:
    x, indices = use.tensor("a"), use.tensor("indices")
    if x.dims is None or indices.dims is None:
        return typed(x, None)
    if use.get("axis") == NONE:
        return typed(x, indices.dims)
    at = axis_of(use.get("axis"), len(x.dims))
    if at is None:
        return typed(x, None)
    return typed(x, (*x.dims[:at], *indices.dims, *x.dims[at + 1 :]))


def take_along_axis(use: Use) -> Value:
    x, indices = use.tensor("arr"), use.tensor("indices")
    if indices.dims is None or x.dims is None or use.get("axis") == NONE:
        return typed(x, None)
    at = axis_of(use.get("axis"), len(x.dims))
    if at is None:
        return typed(x, None)
    # The other axes are broadcast.
    dims = [
        i if n == at or d.constant == 1 else d if i.constant == 1 or d == i else None
        for n, (d, i) in enumerate(zip(x.dims, indices.dims, strict=False))
    ]
    return typed(x, filled(use.m, dims))


def diagonal(use: Use) -> Value:
    x = first_array(use)
    one, other = axis_of(use.get("axis1"), x.rank or 0), axis_of(use.get("axis2"), x.rank or 0)
    if x.dims is None or one is None or other is None or integer(use.get("offset")) != 0:
        return typed(x, None)
    kept = [d for i, d in enumerate(x.dims) if i not in (one, other)]
    shorter = Dim.extremum("min", x.dims[one], x.dims[other])
    return typed(x, (*kept, shorter))


def trace(use: Use) -> Value:
    x = first_array(use)
    found = diagonal(use)
    dims = found.dims if isinstance(found, Tensor) else None
    return typed(x, None if dims is None else dims[:-1])


def diag(use: Use) -> Value:
    x = first_array(use)
    if x.dims is None or integer(use.get("k")) != 0:
        return typed(x, None)
    if len(x.dims) == 1:
        return typed(x, (x.dims[0], x.dims[0]))
    return typed(x, (Dim.extremum("min", *x.dims),)) if len(x.dims) == 2 else typed(x, None)


def dynamic_slice(use: Use) -> Value:
    sizes = sizes_of(use.get("slice_sizes"))
    return typed(first_array(use), None if sizes is None else filled(use.m, sizes))


def dynamic_slice_in_dim(use: Use) -> Value:
    x, size = first_array(use), dim_of(use.get("slice_size"))
    at = axis_of(use.get("axis"), x.rank or 0)
    if x.dims is None or at is None:
        return typed(x, None)
    return typed(x, filled(use.m, [size if i == at else d for i, d in enumerate(x.dims)]))


def shape_of(use: Use) -> Value:
    from ..tensors import attribute

    return attribute(use.m, first_array(use), "shape")


def rank_of(use: Use) -> Value:
    x = first_array(use)
    return UNKNOWN if x.rank is None else Const(x.rank)


def size_of(use: Use) -> Value:
    from ..values import size

    x = first_array(use)
    if x.dims is None:
        return UNKNOWN
    if use.get("axis") != NONE:
        at = axis_of(use.get("axis"), len(x.dims))
        return UNKNOWN if at is None else size(x.dims[at])
    return size(product(x.dims))


def broadcast_shapes(use: Use) -> Value:
    from ..values import size

    shapes = [sizes_of(v) for v in use.rest]
    tensors = [Tensor(filled(use.m, s)) for s in shapes if s is not None]
    if len(tensors) < len(shapes):
        return UNKNOWN
    found = broadcast(use.m, tensors, use.place)
    if found is None or found.dims is None:
        return UNKNOWN
    return Fixed(tuple(size(d) for d in found.dims))


def resized(use: Use) -> Value:
    x, sizes = use.tensor("image"), sizes_of(use.get("shape"))
    if x.dims is not None and sizes is not None and len(sizes) != len(x.dims):
        return use.report(
            "TJ4003", f"`resize` of {shape_text(x.dims)} to a shape of {len(sizes)} axes"
        )
    dtype = None if x.dtype is None else x.dtype if "float" in x.dtype else "float32"
    return Tensor(None if sizes is None else filled(use.m, sizes), dtype)
