"""The shape functions that rules name in `gives`, over symbolic sizes.

Each takes evaluated arguments: `Shape` for tensors, Python values where they are known, `Dim` for
static integers of
unknown value, None for what is unknown. The result is a `Shape`; what cannot be told is an unknown
size, never a guess.
"""
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from ...ir.keys import key
from ...ir.keys import same as same_code
from ...ir.nodes import Constant, Expression, Subscript
from .shape_sizes import (
    Argument,
    ListOf,
    list_total,
    plus,
    product,
    size_of,
    sizes_of,
    times,
    total,
)
from .shape_windows import (
    conv,
    conv_transpose,
    crop,
    depthwise,
    global_pool,
    pad_inner,
    pad_spatial,
    pool,
    resize,
    upsample,
    window,
)
from .shapes import UNKNOWN, Led, Shape, Size, Whole


def same(x: Argument, *_: Argument) -> Shape:
    return x if isinstance(x, Shape) else UNKNOWN


def broadcast(*operands: Argument) -> Shape:
    """NumPy broadcasting, of shapes or of one list of them. Sizes that are not both known are taken
    from the side that is not 1."""
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(cast(Many[Any], operands[0]))
    flat = [
        o for x in operands for o in (cast(Many[Any], x) if isinstance(x, (list, tuple)) else [x])
    ]
    operands = tuple(s.first if isinstance(s, ListOf) else s for s in flat)
    shapes = [s for s in operands if isinstance(s, Shape) and s.rank != 0]
    others = [s for s in operands if not isinstance(s, Shape)]
    if not shapes:
        return Shape(()) if operands and len(others) < len(operands) else UNKNOWN
    if len(shapes) == 1:
        return shapes[0]
    if any(s.dims is None for s in shapes):
        lasts = [d for d in (s.axis(-1) for s in shapes) if d != Dim.of(1)]
        known_lasts = [d for d in lasts if d is not None]
        agreed = known_lasts and (len(known_lasts) == len(lasts) or len(set(known_lasts)) == 1)
        return _main(shapes).with_last(simplest(known_lasts) if agreed else None)
    rank = max(len(s.dims or ()) for s in shapes)
    result: list[Size] = []
    for axis in range(-rank, 0):
        found = [s.axis(axis) for s in shapes if len(s.dims or ()) >= -axis]
        larger = [d for d in found if d != Dim.of(1)]
        known = [d for d in larger if d is not None]
        if not larger:
            result.append(Dim.of(1))
        elif known and (len(known) == len(larger) or len(set(known)) == 1):
            result.append(simplest(known))
        else:
            result.append(None)
    return Shape(tuple(result))


def _main(shapes: Many[Shape]) -> Shape:
    """The operand that tells the other axes: the only one that is more than a repeated 1, where all
    others of its kind agree."""
    main = [s for s in shapes if s.dims is None and s.axis(-1) != Dim.of(1)]
    ranked = [s for s in shapes if s.dims is not None and len(s.dims) > 1]
    if not main and len(ranked) == 1:
        return ranked[0]
    if ranked or not main:
        return UNKNOWN
    lead = main[0].base or main[0].lead
    alike = all(same_code(lead, s.base or s.lead) for s in main)
    return main[0] if alike and lead is not None else UNKNOWN


def simplest(dims: Many[Dim]) -> Dim:
    """Of sizes that must be equal for the program to be valid, the one that is easiest to write: a
    number, else
    one over parameters rather than over variables that carry sizes."""

    def cost(d: Dim) -> tuple[bool, bool, int, int]:
        carried = sum("features'" in repr(a.key) or "_size" in repr(a.key) for a in d.atoms())
        return d.is_hidden, d.constant is None, carried, len(repr(d))

    return min(dims, key=cost)


def reduce(x: Argument, axis: Argument = None, keepdims: Argument = False) -> Shape:
    if not isinstance(x, Shape) or not isinstance(keepdims, bool):
        return UNKNOWN
    if axis is None:
        return (
            Shape((Dim.of(1),) * x.rank)
            if keepdims and x.rank is not None
            else Shape(() if not keepdims else None)
        )
    axes = (
        [axis] if isinstance(axis, int) else list(axis) if isinstance(axis, (tuple, list)) else None
    )
    if axes is None or not all(isinstance(a, int) for a in axes):
        return UNKNOWN
    if x.dims is None:
        if -1 in axes:
            return Shape(None, Dim.of(1)) if keepdims else UNKNOWN
        return Shape(None, x.axis(-1)) if all(a >= 0 for a in axes) else UNKNOWN
    positive = {a % len(x.dims) for a in axes if -len(x.dims) <= a < len(x.dims)}
    if keepdims:
        return Shape(tuple(Dim.of(1) if i in positive else d for i, d in enumerate(x.dims)))
    return Shape(tuple(d for i, d in enumerate(x.dims) if i not in positive))


def last(x: Argument, units: Argument) -> Shape:
    return x.with_last(size_of(units)) if isinstance(x, Shape) else Shape(None, size_of(units))


def flatten(x: Argument) -> Shape:
    if not isinstance(x, Shape) or x.dims is None:
        return Shape((None, None))
    return Shape((x.dims[0], product(x.dims[1:])))


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


def matmul(
    a: Argument, b: Argument, transpose_a: Argument = False, transpose_b: Argument = False
) -> Shape:
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return UNKNOWN
    columns = b.axis(-2 if transpose_b is True else -1) if isinstance(transpose_b, bool) else None
    if a.dims is None or b.dims is None or len(a.dims) < 2 or len(b.dims) < 2:
        return Shape(None, columns)
    rows = a.axis(-1 if transpose_a is True else -2) if isinstance(transpose_a, bool) else None
    batch = (
        broadcast(Shape(a.dims[:-2]), Shape(b.dims[:-2]))
        if a.dims[:-2] and b.dims[:-2]
        else Shape(a.dims[:-2] or b.dims[:-2])
    )
    return Shape((*(batch.dims or ()), rows, columns))


def einsum(equation: Argument, xs: Argument) -> Shape:
    if not isinstance(equation, str) or not isinstance(xs, (tuple, list)) or "->" not in equation:
        return UNKNOWN
    left, right = equation.replace(" ", "").split("->")
    table: dict[str, Size] = {}
    terms = left.split(",")
    for term, shape in zip(terms, cast(Many[Any], xs), strict=False):
        if "..." in term:
            head, _, tail = term.partition("...")
            if isinstance(shape, Shape):
                for i, letter in enumerate(reversed(tail), 1):
                    table.setdefault(letter, shape.axis(-i))
                for i, letter in enumerate(head):
                    table.setdefault(letter, shape.axis(i))
            continue
        if isinstance(shape, Shape):
            shape = shape.at_rank(len(term))
            for i, letter in enumerate(term):
                if table.get(letter) is None:
                    table[letter] = shape.axis(i)
    if "..." in right:
        return Shape(None, table.get(right[-1]) if right[-1].isalpha() else None)
    return Shape(tuple(table.get(letter) for letter in re.findall(r"[A-Za-z]", right)))


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


def stack(xs: Argument, axis: Argument = 0) -> Shape:
    if not isinstance(xs, (tuple, list)) or not xs:
        return UNKNOWN
    items = cast(Many[Any], xs)
    return _insert(items[0], axis, Dim.of(len(items)))


def _insert(x: Argument, axis: Argument, size: Size) -> Shape:
    result = expand(x, axis)
    if result.dims is None or not isinstance(axis, int):
        return UNKNOWN
    position = axis % len(result.dims)
    return Shape((*result.dims[:position], size, *result.dims[position + 1 :]))


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


def pad(x: Argument, paddings: Argument) -> Shape:
    if not isinstance(x, Shape) or not isinstance(paddings, (tuple, list)):
        return UNKNOWN
    rows = cast(Many[Any], paddings)
    x = x.at_rank(len(rows))
    return Shape(
        tuple(plus(d, *sizes_of(row, 2)) for d, row in zip(x.dims or (), rows, strict=False))
    )


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


def of(shape: Argument) -> Shape:
    """The tensor whose shape is the given list of sizes."""
    if isinstance(shape, Whole):
        return shape.shape
    if isinstance(shape, (tuple, list)):
        return Shape(tuple(size_of(v) for v in cast(Many[Any], shape)))
    one = size_of(shape)
    return Shape((one,)) if one is not None else UNKNOWN


def shape_of(x: Argument) -> Shape:
    rank = x.rank if isinstance(x, Shape) else None
    return Shape((Dim.of(rank) if rank is not None else None,))


def scalar(*_: Argument) -> Shape:
    return Shape(())


def unknown(*_: Argument) -> Shape:
    return UNKNOWN


def recurrent(
    x: Argument,
    units: Argument,
    return_sequences: Argument = False,
    return_state: Argument = False,
    states: Argument = 1,
) -> Any:
    """Keras' recurrent layers; with `return_state` the output and `states` states."""
    if not isinstance(x, Shape):
        return UNKNOWN
    x = x.at_rank(3)
    state = Shape((x.axis(0), size_of(units)))
    if return_sequences is True:
        output = x.with_last(size_of(units))
    else:
        output = state if return_sequences is False else Shape(None, size_of(units))
    if return_state is not True:
        return output if return_state is False else UNKNOWN
    return [output, *[state] * (states if isinstance(states, int) else 1)]


def reshape_rest(x: Argument, shape: Argument) -> Shape:
    """Keras' Reshape layer: the batch stays."""
    result = reshape_inner(x, shape)
    if result.dims is None or not isinstance(x, Shape):
        return result
    return Shape((x.axis(0), *result.dims[1:]))


def permute_rest(x: Argument, dims: Argument) -> Shape:
    """Keras' Permute layer: axes count from 1, the batch is axis 0."""
    if not isinstance(dims, (tuple, list)):
        return UNKNOWN
    return transpose(x, (0, *cast(Many[Any], dims)))


def repeat_vector(x: Argument, n: Argument) -> Shape:
    if not isinstance(x, Shape):
        return UNKNOWN
    x = x.at_rank(2)
    return Shape((x.axis(0), size_of(n), x.axis(1)))


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


def dot(xs: Argument, axes: Argument) -> Shape:
    """Keras' Dot layer: one axis of each side is contracted, the batch is shared."""
    if not isinstance(xs, (tuple, list)) or len(cast(Many[Any], xs)) != 2:
        return UNKNOWN
    left, right = cast(Many[Any], xs)
    pair = cast(Many[Any], axes) if isinstance(axes, (tuple, list)) else (axes, axes)
    if not isinstance(left, Shape) or not isinstance(right, Shape):
        return UNKNOWN
    if left.dims is None or right.dims is None or not all(isinstance(a, int) for a in pair):
        return UNKNOWN
    first, second = pair[0] % len(left.dims), pair[1] % len(right.dims)
    rest = [d for i, d in enumerate(left.dims) if i not in (0, first)]
    rest += [d for i, d in enumerate(right.dims) if i not in (0, second)]
    return Shape((left.dims[0], *(rest or [Dim.of(1)])))


def embed(x: Argument, output_dim: Argument) -> Shape:
    return append(x, output_dim)


def one_hot(x: Argument, depth: Argument, axis: Argument = -1) -> Shape:
    if axis in (-1, None):
        return append(x, depth)
    return _insert(x, axis, size_of(depth))


def filled(shape: Argument) -> Shape:
    return of(shape)


def range_(start: Argument, limit: Argument = None, delta: Argument = 1) -> Shape:
    first, last = (0, start) if limit is None else (start, limit)
    low, high, step = size_of(first), size_of(last), size_of(delta)
    if low is None or high is None or step is None or step.constant in (None, 0):
        return Shape((None,))
    distance = high - low
    return Shape((distance if step == Dim.of(1) else distance.ceil_div(step),))


def vector(n: Argument) -> Shape:
    return Shape((size_of(n),))


def size(*_: Argument) -> Shape:
    return Shape(())


def same_as(x: Argument) -> Any:
    """Shapes and lists of shapes alike."""
    return cast(Any, x) if isinstance(x, (Shape, tuple, list)) else UNKNOWN


def tuple_of(*results: Argument) -> list[Shape]:
    """Several results."""
    return [r if isinstance(r, Shape) else UNKNOWN for r in results]


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


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "range": range_,
    **{
        f.__name__: f
        for f in (
            *(same, broadcast, reduce, last, conv, depthwise, conv_transpose, pool, global_pool),
            *(
                flatten,
                concat,
                matmul,
                dot,
                einsum,
                reshape,
                reshape_inner,
                reshape_rest,
                transpose,
            ),
            *(
                permute_rest,
                expand,
                squeeze,
                stack,
                unstack,
                split,
                tile,
                repeat,
                repeat_vector,
                pad,
            ),
            *(
                pad_inner,
                pad_spatial,
                crop,
                upsample,
                resize,
                take,
                append,
                embed,
                one_hot,
                of,
                filled,
            ),
            *(shape_of, vector, size, scalar, same_as, tuple_of, unknown, recurrent),
        )
    },
}
"""By the names of `rules/language/shapes.py`. A result is a `Shape`, or a list of them for several
results.
"""

__all__ = ["FUNCTIONS", "Size", "size_of", "sizes_of", "window"]
