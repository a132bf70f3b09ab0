"""Functions that move elements: reshaping, transposing, joining, splitting, padding, taking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ....ir.dims import Dim
from ..broadcasting import broadcast, same_shape, sizes_agree
from ..text import dim_text, shape_text
from ..values import (
    NONE,
    UNKNOWN,
    Const,
    Fixed,
    Listing,
    Tensor,
    Value,
    dim_of,
    integer,
    items_of,
)
from .dtypes import promote
from .use import (
    Semantics,
    Use,
    array,
    axes_of,
    axis_of,
    dims_of,
    filled,
    out_of_range,
    sizes_of,
)

JNP, LAX = "jax.numpy.", "jax.lax."


def product(dims: Sequence[Dim]) -> Dim:
    total = Dim.of(1)
    for d in dims:
        total = total * d
    return total


def typed(x: Tensor, dims: Sequence[Dim] | None) -> Tensor:
    """A tensor of these sizes and of the dtype of `x`."""
    return Tensor(None if dims is None else tuple(dims), x.dtype, weak=x.weak)


def _input(use: Use) -> Tensor:
    return array(use.m, next(iter(use.bound.values()), UNKNOWN))


def reshaped(use: Use, x: Tensor, shape: Value) -> Tensor:
    sizes = sizes_of(shape)
    if sizes is None:
        return typed(x, None)
    open_ = [i for i, d in enumerate(sizes) if d is not None and d.constant == -1]
    if None in sizes or x.dims is None or len(open_) > 1:
        known = filled(use.m, [None if d is not None and d.constant == -1 else d for d in sizes])
        return typed(x, known)
    rest = [d for i, d in enumerate(sizes) if d is not None and i not in open_]
    whole, part = product(x.dims), product(rest)
    if whole == part:
        return typed(x, rest)
    if open_:
        found = _divided(use, whole, part)
        dims = [found if i in open_ else d for i, d in enumerate(sizes)]
        return typed(x, filled(use.m, dims))
    message = (
        f"`reshape` of {shape_text(x.dims)}, which has {dim_text(whole)} elements, to "
        f"{shape_text(rest)}, which has {dim_text(part)}"
    )
    if not use.m.require(whole, part, use.place, message):
        return typed(x, None)
    return typed(x, rest)


def _divided(use: Use, whole: Dim, part: Dim) -> Dim | None:
    """What -1 stands for. Common factors cancel; a rest that does not divide is an error."""
    tops, bottoms = _factors(use, whole), _factors(use, part)
    if tops is None or bottoms is None:
        return None
    for factor in list(bottoms):
        if factor in tops:
            tops.remove(factor)
            bottoms.remove(factor)
    top, bottom = product(tops), product(bottoms)
    if bottom.constant == 0:
        return None
    return top // bottom


def _factors(use: Use, dim: Dim) -> list[Dim] | None:
    """The atoms of a single product, and its number."""
    normal = use.m.solver.normal(dim)
    if len(normal.terms) != 1:
        return [normal]
    monomial, coefficient = normal.terms[0]
    return [*(Dim.atom(a) for a in monomial), Dim.of(coefficient)] if coefficient else None


def _reshape(use: Use) -> Value:
    return reshaped(use, use.tensor("a"), use.get("shape"))


def _ravel(use: Use) -> Value:
    x = _input(use)
    return typed(x, None if x.dims is None else (product(x.dims),))


def transposed(use: Use, x: Tensor, axes: Value) -> Tensor:
    if x.dims is None:
        return typed(x, None)
    if axes == NONE:
        return typed(x, x.dims[::-1])
    items = items_of(axes)
    order = axes_of(axes, len(x.dims))
    if items is not None and len(items) != len(x.dims):
        return use.report(
            "TJ4003", f"{len(items)} axes to transpose a tensor of shape {shape_text(x.dims)}"
        )
    if order is None or sorted(order) != list(range(len(x.dims))):
        if out_of_range(axes, len(x.dims)):
            return use.report("TJ4004", f"axes that {shape_text(x.dims)} does not have")
        return typed(x, None)
    return typed(x, [x.dims[i] for i in order])


def _transpose(use: Use) -> Value:
    return transposed(use, _input(use), use.get("axes", use.get("permutation")))


def _matrix_transpose(use: Use) -> Value:
    x = _input(use)
    return typed(x, None if x.dims is None else (*x.dims[:-2], *x.dims[:-3:-1]))


def _moveaxis(use: Use) -> Value:
    x = _input(use)
    if x.dims is None:
        return typed(x, None)
    source, to = (
        axes_of(use.get("source"), x.rank or 0),
        axes_of(use.get("destination"), x.rank or 0),
    )
    if source is None or to is None or len(source) != len(to):
        return typed(x, None)
    order = [i for i in range(len(x.dims)) if i not in source]
    for place, axis in sorted(zip(to, source, strict=True)):
        order.insert(place, axis)
    return typed(x, [x.dims[i] for i in order])


def _swapaxes(use: Use) -> Value:
    x = _input(use)
    one, other = axis_of(use.get("axis1"), x.rank or 0), axis_of(use.get("axis2"), x.rank or 0)
    if x.dims is None or one is None or other is None:
        return typed(x, None)
    dims = list(x.dims)
    dims[one], dims[other] = dims[other], dims[one]
    return typed(x, dims)


def _expand_dims(use: Use) -> Value:
    x, axis = _input(use), use.get("axis", use.get("dimensions"))
    if x.dims is None:
        return typed(x, None)
    items = items_of(axis)
    count = 1 if items is None else len(items)
    axes = axes_of(axis, len(x.dims) + count)
    if axes is None or axis == NONE:
        if out_of_range(axis, len(x.dims) + count):
            return use.report("TJ4004", f"no place for a new axis in {shape_text(x.dims)}")
        return typed(x, None)
    dims = list(x.dims)
    for at in sorted(axes):
        dims.insert(at, Dim.of(1))
    return typed(x, dims)


def squeezed(use: Use, x: Tensor, axis: Value) -> Tensor:
    if x.dims is None:
        return typed(x, None)
    if axis == NONE:
        if any(d.constant is None for d in x.dims):
            return typed(x, None)
        return typed(x, [d for d in x.dims if d.constant != 1])
    axes = axes_of(axis, len(x.dims))
    if axes is None:
        if out_of_range(axis, len(x.dims)):
            return use.report("TJ4004", f"an axis that {shape_text(x.dims)} does not have")
        return typed(x, None)
    for at in axes:
        message = f"`squeeze` of axis {at} of {shape_text(x.dims)}, which is not 1"
        if not use.m.require(x.dims[at], Dim.of(1), use.place, message):
            return typed(x, None)
    return typed(x, [d for i, d in enumerate(x.dims) if i not in axes])


def _squeeze(use: Use) -> Value:
    return squeezed(use, _input(use), use.get("axis", use.get("dimensions")))


def _arrays(use: Use, name: str = "arrays") -> list[Tensor] | None:
    items = items_of(use.get(name, use.get("operands")))
    return None if not items else [array(use.m, v) for v in items]


def _concatenate(use: Use) -> Value:
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


def _stack(use: Use) -> Value:
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


def _split(use: Use) -> Value:
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


def _unstack(use: Use) -> Value:
    x = use.tensor("x")
    at = axis_of(use.get("axis"), x.rank or 0)
    if x.dims is None or at is None:
        return UNKNOWN
    count = use.m.number(x.dims[at])
    if count is None or count > 256:
        return UNKNOWN
    return Fixed((typed(x, [d for i, d in enumerate(x.dims) if i != at]),) * count)


def _tile(use: Use) -> Value:
    x = use.tensor("A")
    reps = items_of(use.get("reps"))
    given = [dim_of(v) for v in (reps if reps is not None else (use.get("reps"),))]
    if x.dims is None:
        return typed(x, None)
    rank = max(len(x.dims), len(given))
    sizes = (Dim.of(1),) * (rank - len(x.dims)) + x.dims
    times = [Dim.of(1)] * (rank - len(given)) + given
    pairs = zip(sizes, times, strict=True)
    return typed(x, filled(use.m, [None if t is None else s * t for s, t in pairs]))


def _repeat(use: Use) -> Value:
    x, times = use.tensor("a"), dim_of(use.get("repeats"))
    if x.dims is None or times is None:
        return typed(x, None)
    if use.get("axis") == NONE:
        return typed(x, (product(x.dims) * times,))
    at = axis_of(use.get("axis"), len(x.dims))
    if at is None:
        return typed(x, None)
    return typed(x, [d * times if i == at else d for i, d in enumerate(x.dims)])


def _pad(use: Use) -> Value:
    x, width = use.tensor("array"), use.get("pad_width")
    if x.dims is None:
        return typed(x, None)
    pairs = pad_pairs(width, len(x.dims))
    if pairs is None:
        items = items_of(width)
        if items is not None and len(items) not in (1, len(x.dims)):
            nested = any(items_of(v) is not None for v in items)
            if nested:
                return use.report(
                    "TJ4003", f"{len(items)} pads for a tensor of shape {shape_text(x.dims)}"
                )
        return typed(x, filled(use.m, (None,) * len(x.dims)))
    return typed(x, [d + a + b for d, (a, b) in zip(x.dims, pairs, strict=True)])


def pad_pairs(width: Value, rank: int) -> list[tuple[Dim, Dim]] | None:
    """Pads before and after each axis: one number, one pair, or a pair an axis."""
    single = dim_of(width)
    if single is not None:
        return [(single, single)] * rank
    items = items_of(width)
    if items is None:
        return None
    if len(items) == 2 and all(dim_of(v) is not None for v in items):
        pair = dims_of(width, 2)
        return None if pair is None else [(pair[0], pair[1])] * rank
    found = [dims_of(v, 2) for v in items]
    known = [(p[0], p[1]) for p in found if p is not None]
    if len(known) < len(found):
        return None
    return known * rank if len(known) == 1 else known if len(known) == rank else None


def _broadcast_to(use: Use) -> Value:
    x, sizes = _input(use), sizes_of(use.get("shape"))
    if sizes is None:
        return typed(x, None)
    dims = filled(use.m, sizes)
    target = Tensor(dims)
    if x.dims is not None and broadcast(use.m, (x, target), use.place) is None:
        return typed(x, None)
    return typed(x, dims)


def _take(use: Use) -> Value:
    x, indices = use.tensor("a"), use.tensor("indices")
    if x.dims is None or indices.dims is None:
        return typed(x, None)
    if use.get("axis") == NONE:
        return typed(x, indices.dims)
    at = axis_of(use.get("axis"), len(x.dims))
    if at is None:
        return typed(x, None)
    return typed(x, (*x.dims[:at], *indices.dims, *x.dims[at + 1 :]))


def _take_along_axis(use: Use) -> Value:
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


def _same(use: Use) -> Value:
    return _input(use)


def _diagonal(use: Use) -> Value:
    x = _input(use)
    one, other = axis_of(use.get("axis1"), x.rank or 0), axis_of(use.get("axis2"), x.rank or 0)
    if x.dims is None or one is None or other is None or integer(use.get("offset")) != 0:
        return typed(x, None)
    kept = [d for i, d in enumerate(x.dims) if i not in (one, other)]
    shorter = Dim.extremum("min", x.dims[one], x.dims[other])
    return typed(x, (*kept, shorter))


def _trace(use: Use) -> Value:
    x = _input(use)
    found = _diagonal(use)
    dims = found.dims if isinstance(found, Tensor) else None
    return typed(x, None if dims is None else dims[:-1])


def _diag(use: Use) -> Value:
    x = _input(use)
    if x.dims is None or integer(use.get("k")) != 0:
        return typed(x, None)
    if len(x.dims) == 1:
        return typed(x, (x.dims[0], x.dims[0]))
    return typed(x, (Dim.extremum("min", *x.dims),)) if len(x.dims) == 2 else typed(x, None)


def _dynamic_slice(use: Use) -> Value:
    sizes = sizes_of(use.get("slice_sizes"))
    return typed(_input(use), None if sizes is None else filled(use.m, sizes))


def _dynamic_slice_in_dim(use: Use) -> Value:
    x, size = _input(use), dim_of(use.get("slice_size"))
    at = axis_of(use.get("axis"), x.rank or 0)
    if x.dims is None or at is None:
        return typed(x, None)
    return typed(x, filled(use.m, [size if i == at else d for i, d in enumerate(x.dims)]))


def _shape(use: Use) -> Value:
    from ..tensors import attribute

    return attribute(use.m, _input(use), "shape")


def _ndim(use: Use) -> Value:
    x = _input(use)
    return UNKNOWN if x.rank is None else Const(x.rank)


def _size(use: Use) -> Value:
    from ..values import size

    x = _input(use)
    if x.dims is None:
        return UNKNOWN
    if use.get("axis") != NONE:
        at = axis_of(use.get("axis"), len(x.dims))
        return UNKNOWN if at is None else size(x.dims[at])
    return size(product(x.dims))


def _broadcast_shapes(use: Use) -> Value:
    from ..values import size

    shapes = [sizes_of(v) for v in use.rest]
    tensors = [Tensor(filled(use.m, s)) for s in shapes if s is not None]
    if len(tensors) < len(shapes):
        return UNKNOWN
    found = broadcast(use.m, tensors, use.place)
    if found is None or found.dims is None:
        return UNKNOWN
    return Fixed(tuple(size(d) for d in found.dims))


def _resized(use: Use) -> Value:
    x, sizes = use.tensor("image"), sizes_of(use.get("shape"))
    if x.dims is not None and sizes is not None and len(sizes) != len(x.dims):
        return use.report(
            "TJ4003", f"`resize` of {shape_text(x.dims)} to a shape of {len(sizes)} axes"
        )
    dtype = None if x.dtype is None else x.dtype if "float" in x.dtype else "float32"
    return Tensor(None if sizes is None else filled(use.m, sizes), dtype)


def _under(prefix: str, words: str, semantics: Semantics) -> dict[str, Semantics]:
    return {prefix + word: semantics for word in words.split()}


FAMILY: Mapping[str, Semantics] = {
    JNP + "reshape": _reshape,
    JNP + "ravel": _ravel,
    **_under(JNP, "transpose permute_dims", _transpose),
    LAX + "transpose": _transpose,
    JNP + "matrix_transpose": _matrix_transpose,
    JNP + "moveaxis": _moveaxis,
    JNP + "swapaxes": _swapaxes,
    JNP + "expand_dims": _expand_dims,
    LAX + "expand_dims": _expand_dims,
    JNP + "squeeze": _squeeze,
    LAX + "squeeze": _squeeze,
    JNP + "concatenate": _concatenate,
    JNP + "concat": _concatenate,
    JNP + "stack": _stack,
    JNP + "split": _split,
    JNP + "unstack": _unstack,
    JNP + "tile": _tile,
    JNP + "repeat": _repeat,
    JNP + "pad": _pad,
    JNP + "broadcast_to": _broadcast_to,
    JNP + "take": _take,
    JNP + "take_along_axis": _take_along_axis,
    **_under(JNP, "flip roll", _same),
    JNP + "diagonal": _diagonal,
    JNP + "trace": _trace,
    JNP + "diag": _diag,
    LAX + "dynamic_slice": _dynamic_slice,
    LAX + "dynamic_slice_in_dim": _dynamic_slice_in_dim,
    LAX + "dynamic_update_slice": _same,
    LAX + "dynamic_update_slice_in_dim": _same,
    JNP + "shape": _shape,
    JNP + "ndim": _ndim,
    JNP + "size": _size,
    JNP + "broadcast_shapes": _broadcast_shapes,
    "jax.image.resize": _resized,
}
