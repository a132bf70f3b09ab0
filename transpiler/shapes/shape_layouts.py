"""The same elements in another arrangement: reshapes, transpositions, repetitions."""
# pyright: basic

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir import nodes
from ...ir.dims import Dim
from ...ir.keys import key
from ...ir.keys import same as same_code
from ...ir.nodes import Call, Constant, Expression, Subscript, Symbol
from .shape_operands import reduce
from .shape_sizes import Argument, plus, product, size_of, sizes_of, times
from .shapes import UNKNOWN, Led, Shape, Size, Whole


def flatten(x: Argument) -> Shape:
    if not isinstance(x, Shape) or x.dims is None:
        return Shape((None, _all_of(x.base) if isinstance(x, Shape) else None))
    return Shape((x.dims[0], product(x.dims[1:])))


def _all_of(sizes: Expression | None) -> Dim | None:
    """The product of all the sizes of a tuple."""
    if sizes is None:
        return None
    return Dim.variable(Call(Symbol("math.prod"), (nodes.Argument(sizes),)))


def reshape(x: Argument, shape: Argument) -> Shape:
    """`shape` without unknown entries; one -1 is solved for when all other sizes are known."""
    if isinstance(shape, Led):
        return _reshape_inner_sizes(x, shape)
    if isinstance(shape, Whole):
        return shape.shape
    if not isinstance(shape, (tuple, list)):
        return UNKNOWN
    sizes = [size_of(v) for v in cast(Many[Any], shape)]
    if Dim.of(-1) not in sizes:
        return Shape(tuple(sizes))
    position = sizes.index(Dim.of(-1))
    rest = [size for i, size in enumerate(sizes) if i != position]
    sizes[position] = _remaining(x, rest, leads=position != 0) if isinstance(x, Shape) else None
    return Shape(tuple(sizes))


def _reshape_inner_sizes(x: Argument, shape: Led) -> Shape:
    """The leading axes stay, the last one becomes several."""
    last = shape.inner[-1] if shape.inner else None
    if last != Dim.of(-1):
        return Shape(None, last)
    rest = product(shape.inner[:-1])
    if not isinstance(x, Shape) or not same_code(x.base or x.lead, shape.lead) or rest is None:
        return UNKNOWN
    whole = x.axis(-1)
    return Shape(None, None if whole is None else whole.exact_div(rest))


def _remaining(x: Shape, rest: list[Size], *, leads: bool) -> Size:
    """What is left of a tensor's elements for the -1 of a reshape."""
    if x.dims is None:
        return _remaining_by_rank(x, rest)
    # Where nothing tells the batch on either side, both lead and cancel.
    whole = list(x.dims)
    if leads and whole and rest and whole[0] is None and rest[0] is None:
        whole, rest = whole[1:], rest[1:]
    top, bottom = product(whole), product(rest)
    return None if top is None or bottom is None else top.exact_div(bottom)


def _remaining_by_rank(x: Shape, rest: list[Size]) -> Size:
    """The same without a rank: at the smallest rank where all sizes but the last cancel. A rank
    that leaves nothing to solve for is not the one."""
    known = x.base or x.lead
    below = product(rest)
    if known is None or below is None or x.axis(-1) is None:
        return None
    trivial = (Dim.of(1), x.axis(-1) if len(rest) == 1 else None)
    for rank in range(2, 7):
        top = product(x.at_rank(rank).dims or ())
        result = None if top is None else top.exact_div(below)
        if result is not None and result not in trivial and not _reads(result, known):
            return result
    return None


def _reads(size: Dim, shape: Expression) -> bool:
    """Whether a size is made of those of one shape other than the last."""
    keys = {key(Subscript(shape, Constant(i))) for i in range(6)}
    return size.is_hidden or any(atom.key in keys for atom in size.atoms())


def reshape_inner(x: Argument, shape: Argument) -> Shape:
    """Keras' Reshape layer: the batch stays."""
    if not isinstance(shape, (tuple, list)):
        return UNKNOWN
    inner = Shape(x.dims[1:]) if isinstance(x, Shape) and x.dims else UNKNOWN
    result = reshape(inner, shape)
    return Shape((None, *(result.dims or ()))) if result.dims is not None else UNKNOWN


def reshape_rest(x: Argument, shape: Argument) -> Shape:
    """Keras' Reshape layer: the batch stays."""
    result = reshape_inner(x, shape)
    if result.dims is None or not isinstance(x, Shape):
        return result
    return Shape((x.axis(0), *result.dims[1:]))


def transpose(x: Argument, perm: Argument = None) -> Shape:
    if not isinstance(x, Shape):
        return UNKNOWN
    if perm is None:
        return Shape(tuple(reversed(x.dims))) if x.dims is not None else UNKNOWN
    if not isinstance(perm, (tuple, list)) or not all(
        isinstance(p, int) for p in cast(Many[Any], perm)
    ):
        return UNKNOWN
    x = x.at_rank(len(cast(Many[Any], perm)))
    return Shape(tuple(x.axis(p) for p in cast(Many[int], perm)))


def permute_rest(x: Argument, dims: Argument) -> Shape:
    """Keras' Permute layer: axes count from 1, the batch is axis 0."""
    if not isinstance(dims, (tuple, list)):
        return UNKNOWN
    return transpose(x, (0, *cast(Many[Any], dims)))


def expand(x: Argument, axis: Argument) -> Shape:
    if not isinstance(x, Shape) or not isinstance(axis, int):
        return UNKNOWN
    if x.dims is None:
        return Shape(None, Dim.of(1) if axis == -1 else x.axis(-1) if axis in (0, 1) else None)
    position = axis if axis >= 0 else axis + len(x.dims) + 1
    return Shape((*x.dims[:position], Dim.of(1), *x.dims[position:]))


def squeeze(x: Argument, axis: Argument = None) -> Shape:
    if not isinstance(x, Shape) or x.dims is None:
        return UNKNOWN
    if axis is None or axis == []:
        if any(d is None for d in x.dims):
            return UNKNOWN
        return Shape(tuple(d for d in x.dims if d != Dim.of(1)))
    return reduce(x, axis)


def tile(x: Argument, multiples: Argument) -> Shape:
    if not isinstance(x, Shape) or not isinstance(multiples, (tuple, list)):
        return UNKNOWN
    x = x.at_rank(len(cast(Many[Any], multiples)))
    return Shape(
        tuple(
            times(d, size_of(m))
            for d, m in zip(x.dims or (), cast(Many[Any], multiples), strict=False)
        )
    )


def repeat(x: Argument, repeats: Argument, axis: Argument = None) -> Shape:
    if not isinstance(x, Shape) or x.dims is None:
        return UNKNOWN
    if axis is None:
        return Shape((times(product(x.dims), size_of(repeats)),))
    if not isinstance(axis, int):
        return UNKNOWN
    position = axis % len(x.dims)
    size = times(x.dims[position], size_of(repeats))
    return Shape((*x.dims[:position], size, *x.dims[position + 1 :]))


def repeat_vector(x: Argument, n: Argument) -> Shape:
    if not isinstance(x, Shape):
        return UNKNOWN
    x = x.at_rank(2)
    return Shape((x.axis(0), size_of(n), x.axis(1)))


def pad(x: Argument, paddings: Argument) -> Shape:
    if not isinstance(x, Shape) or not isinstance(paddings, (tuple, list)):
        return UNKNOWN
    rows = cast(Many[Any], paddings)
    x = x.at_rank(len(rows))
    return Shape(
        tuple(plus(d, *sizes_of(row, 2)) for d, row in zip(x.dims or (), rows, strict=False))
    )
