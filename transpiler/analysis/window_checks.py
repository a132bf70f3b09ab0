"""What windows ask of what they slide over: convolutions, pooling, and layers of one rank."""

from __future__ import annotations

from collections.abc import Callable

from .broadcasting import side
from .broadcasting import whole as made
from .checking import Call, rank_is
from .text import shape_text
from .values import (
    Const,
    Tensor,
    Value,
    const,
    integer,
    items_of,
)


def spatial_rank(call: Call, index: int, *others: int) -> int | None:
    """The number of spatial axes: an argument says it, or the length of a kernel."""
    known = integer(call.at(index))
    if known is not None:
        return known
    for other in others:
        listed = items_of(call.at(other))
        if listed is not None:
            return len(listed)
    return None


def _windowed(
    call: Call, kernel: Value, strides: Value, padding: Value, holes: Value, rank: int
) -> bool:
    """A "valid" window must not be larger than what it slides over."""
    x = call.tensor(0)
    word = const(padding)
    if x is None or x.dims is None or not isinstance(word, str) or word.lower() != "valid":
        return True
    sizes, gaps = _each(kernel, rank), _each(holes, rank)
    for i in range(rank):
        size, gap, whole = sizes[i], gaps[i], x.dims[i - rank - 1]
        number = call.machine.number(whole)
        if size is None or gap is None or number is None:
            continue
        reach = (size - 1) * gap + 1
        if number < reach:
            message = (
                f"a window of {reach} does not fit into {number} (axis {len(x.dims) + i - rank - 1}"
                f" of {shape_text(x.dims)}): no output is left"
            )
            axis = i - rank - 1
            origin = side(x, axis)
            return call.report("TJ4002", message, *origin, hint='padding="same" keeps the size')
    return True


def _each(value: Value, rank: int) -> list[int | None]:
    listed = items_of(value)
    if listed is not None:
        return [integer(v) for v in listed] if len(listed) == rank else [None] * rank
    return [integer(value)] * rank


def conv(call: Call) -> bool:
    rank = spatial_rank(call, 6, 2, 3, 5)
    x = call.tensor(0)
    if rank is None:
        return True
    if x is not None and x.rank is not None and x.rank < rank + 2:
        return rank_is(call, x, (rank + 2,), f"a {rank}-D convolution")
    holes = call.at(5, Const(1))
    return _windowed(call, call.at(2), call.at(3), call.at(4, Const("valid")), holes, rank)


def conv_transpose(call: Call) -> bool:
    rank = spatial_rank(call, 5, 2, 3)
    if rank is None:
        return True
    return rank_is(call, call.tensor(0), (rank + 2,), f"a transposed {rank}-D convolution")


def pool(call: Call) -> bool:
    rank = spatial_rank(call, 4, 1, 2)
    if rank is None:
        return True
    if call.keras and not rank_is(call, call.tensor(0), (rank + 2,), f"{rank}-D pooling"):
        return False
    x = call.tensor(0)
    if x is not None and x.rank != rank + 2:
        return True
    return _windowed(call, call.at(1), call.at(2), call.at(3, Const("valid")), Const(1), rank)


def spatial(what: str) -> Callable[[Call], bool]:
    def check(call: Call) -> bool:
        rank = integer(call.at(2))
        if rank is None or not call.keras:
            return True
        return rank_is(call, call.tensor(0), (rank + 2,), f"{what} in {rank} dimensions")

    return check


def recurrent(call: Call) -> bool:
    return rank_is(call, call.tensor(0), (3,), "a recurrent layer")


def global_pool(call: Call) -> bool:
    x = call.tensor(0)
    if not call.keras or x is None or x.rank is None or x.rank >= 3:
        return True
    message = f"global pooling needs at least 3 axes, but the input is {shape_text(x.dims)}"
    return call.report("TJ4003", message, made(x))


def check_positive(call: Call, result: Tensor) -> bool:
    """No size of a result may be zero or less (cropping, windows)."""
    for axis, dim in enumerate(result.dims or ()):
        number = call.machine.number(dim)
        if number is not None and number < 0:
            return call.report("TJ4002", f"axis {axis} of the result would have size {number}")
    return True
