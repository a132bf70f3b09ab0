"""Functions that move elements: reshaping, transposing, joining, splitting, padding, taking."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.dims import Dim
from ..broadcasting import broadcast
from ..text import dim_text, shape_text
from ..values import (
    NONE,
    Tensor,
    Value,
    dim_of,
    items_of,
)
from .joining import concatenate, split, stack, unstack
from .sizes import first_array, product, typed
from .taking import (
    broadcast_shapes,
    diag,
    diagonal,
    dynamic_slice,
    dynamic_slice_in_dim,
    rank_of,
    resized,
    shape_of,
    size_of,
    take_along_axis,
    taken,
    trace,
)
from .use import (
    Semantics,
    Use,
    axes_of,
    axis_of,
    dims_of,
    filled,
    out_of_range,
    sizes_of,
)

JNP, LAX = "jax.numpy.", "jax.lax."


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
    x = first_array(use)
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
    return transposed(use, first_array(use), use.get("axes", use.get("permutation")))


def _matrix_transpose(use: Use) -> Value:
    x = first_array(use)
    return typed(x, None if x.dims is None else (*x.dims[:-2], *x.dims[:-3:-1]))


def _moveaxis(use: Use) -> Value:
    x = first_array(use)
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
    x = first_array(use)
    one, other = axis_of(use.get("axis1"), x.rank or 0), axis_of(use.get("axis2"), x.rank or 0)
    if x.dims is None or one is None or other is None:
        return typed(x, None)
    dims = list(x.dims)
    dims[one], dims[other] = dims[other], dims[one]
    return typed(x, dims)


def _expand_dims(use: Use) -> Value:
    x, axis = first_array(use), use.get("axis", use.get("dimensions"))
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
    return squeezed(use, first_array(use), use.get("axis", use.get("dimensions")))


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
    x, sizes = first_array(use), sizes_of(use.get("shape"))
    if sizes is None:
        return typed(x, None)
    dims = filled(use.m, sizes)
    target = Tensor(dims)
    if x.dims is not None and broadcast(use.m, (x, target), use.place) is None:
        return typed(x, None)
    return typed(x, dims)


def _same(use: Use) -> Value:
    return first_array(use)


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
    JNP + "concatenate": concatenate,
    JNP + "concat": concatenate,
    JNP + "stack": stack,
    JNP + "split": split,
    JNP + "unstack": unstack,
    JNP + "tile": _tile,
    JNP + "repeat": _repeat,
    JNP + "pad": _pad,
    JNP + "broadcast_to": _broadcast_to,
    JNP + "take": taken,
    JNP + "take_along_axis": take_along_axis,
    **_under(JNP, "flip roll", _same),
    JNP + "diagonal": diagonal,
    JNP + "trace": trace,
    JNP + "diag": diag,
    LAX + "dynamic_slice": dynamic_slice,
    LAX + "dynamic_slice_in_dim": dynamic_slice_in_dim,
    LAX + "dynamic_update_slice": _same,
    LAX + "dynamic_update_slice_in_dim": _same,
    JNP + "shape": shape_of,
    JNP + "ndim": rank_of,
    JNP + "size": size_of,
    JNP + "broadcast_shapes": broadcast_shapes,
    "jax.image.resize": resized,
}
