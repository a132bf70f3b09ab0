"""The shape functions that rules name in `gives`, over symbolic sizes.

Each takes evaluated arguments: `Shape` for tensors, Python values where they are known, `Dim` for
static integers of
unknown value, None for what is unknown. The result is a `Shape`; what cannot be told is an unknown
size, never a guess.
"""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from .shape_joins import (
    append,
    concat,
    einsum_dense,
    embed,
    one_hot,
    reversible_embed,
    split,
    stack,
    take,
    unstack,
)
from .shape_layouts import (
    expand,
    flatten,
    pad,
    permute_rest,
    repeat,
    repeat_vector,
    reshape,
    reshape_inner,
    reshape_rest,
    squeeze,
    tile,
    transpose,
)
from .shape_operands import attention, broadcast, contract, dot, einsum, matmul, reduce
from .shape_sizes import (
    Argument,
    size_of,
    sizes_of,
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
    stride_padding,
    upsample,
    window,
)
from .shapes import UNKNOWN, Shape, Size, Whole


def same(x: Argument, *_: Argument) -> Shape:
    return x if isinstance(x, Shape) else UNKNOWN


def last(x: Argument, units: Argument) -> Shape:
    return x.with_last(size_of(units)) if isinstance(x, Shape) else Shape(None, size_of(units))


def of(shape: Argument) -> Shape:
    """The tensor whose shape is the given list of sizes."""
    if isinstance(shape, Whole):
        return shape.shape
    if isinstance(shape, (tuple, list)):
        return Shape(tuple(size_of(v) for v in cast(Many[Any], shape)))
    one = size_of(shape)
    return Shape((one,)) if one is not None else UNKNOWN


def array_of(value: Argument, shape: Argument) -> Shape:
    """The array made of a tensor, in its shape or in one that is given."""
    if shape is not None:
        return of(shape)
    return value if isinstance(value, Shape) else UNKNOWN


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


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "range": range_,
    **{
        f.__name__: f
        for f in (
            *(
                same,
                attention,
                broadcast,
                reduce,
                last,
                conv,
                depthwise,
                conv_transpose,
                pool,
                global_pool,
            ),
            *(
                flatten,
                concat,
                matmul,
                contract,
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
                stride_padding,
                crop,
                upsample,
                resize,
                take,
                append,
                einsum_dense,
                embed,
                reversible_embed,
                one_hot,
                array_of,
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
