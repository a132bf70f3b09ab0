"""What the shape functions of `gives` ask of their arguments, and the shapes they give.

A check returns False when it has reported a conflict; the result is unknown then, so that one
mistake is told once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...ir.dims import Dim
from ..shapes.shape_sizes import product
from .broadcasting import same_shape, side, sizes_agree
from .broadcasting import whole as made
from .checking import Call, axis_in, rank_is
from .conflicts import Assumption
from .text import dim_text, shape_text
from .values import (
    NONE,
    Const,
    Tensor,
    dim_of,
    integer,
    items_of,
)
from .window_checks import conv, conv_transpose, global_pool, pool, recurrent, spatial


def _reduce(call: Call) -> bool:
    x = call.tensor(0)
    axes = call.at(1)
    listed = items_of(axes)
    found = [integer(v) for v in listed] if listed is not None else [integer(axes)]
    return x is None or all(axis_in(call, a, x.rank, "a reduction", x) for a in found)


def _concat(call: Call) -> bool:
    listed = items_of(call.at(0))
    axis = integer(call.at(1, Const(-1)))
    tensors = [t for t in listed or () if isinstance(t, Tensor) and t.dims is not None]
    if axis is None or len(tensors) < 1:
        return True
    first = tensors[0]
    if not axis_in(call, axis, first.rank, "concatenation", first):
        return False
    for other in tensors[1:]:
        if first.rank != other.rank:
            a, b = shape_text(first.dims), shape_text(other.dims)
            message = f"concatenation of {a} and {b}, which have unequal rank"
            return call.report("TJ4003", message, made(first), made(other))
        assert first.rank is not None
        for i in range(first.rank):
            if i == axis % first.rank:
                continue
            what = f"concatenation along axis {axis}"
            if not sizes_agree(call.machine, first, other, i, i, call.place, what):
                return False
    return True


def _stack(call: Call) -> bool:
    tensors = [t for t in items_of(call.at(0)) or () if isinstance(t, Tensor)]
    if not same_shape(call.machine, tensors, call.place, "stacking"):
        return False
    first = next((t for t in tensors if t.dims is not None), None)
    rank = None if first is None or first.rank is None else first.rank + 1
    return axis_in(call, integer(call.at(1, Const(0))), rank, "stacking", None)


def _transpose(call: Call) -> bool:
    x, listed = call.tensor(0), items_of(call.at(1))
    axes = [integer(v) for v in listed] if listed is not None else None
    if x is None or x.rank is None or axes is None or any(a is None for a in axes):
        return True
    if len(axes) != x.rank:
        message = f"{len(axes)} axes to transpose a tensor of shape {shape_text(x.dims)}"
        return call.report("TJ4003", message, made(x))
    if sorted(a % x.rank for a in axes if a is not None) != list(range(x.rank)):
        message = f"{tuple(axes)} is no order of the axes of {shape_text(x.dims)}"
        return call.report("TJ4004", message, made(x))
    return True


def _permute_rest(call: Call) -> bool:
    x, listed = call.tensor(0), items_of(call.at(1))
    axes = [integer(v) for v in listed] if listed is not None else None
    if x is None or x.rank is None or axes is None or any(a is None for a in axes):
        return True
    if sorted(a for a in axes if a is not None) == list(range(1, x.rank)):
        return True
    message = f"{tuple(axes)} is no order of the axes of {shape_text(x.dims)} after the batch"
    return call.report("TJ4003", message, made(x))


def _expand(call: Call) -> bool:
    x = call.tensor(0)
    rank = None if x is None or x.rank is None else x.rank + 1
    return axis_in(call, integer(call.at(1)), rank, "a new axis", x)


def _squeeze(call: Call) -> bool:
    x, value = call.tensor(0), call.at(1)
    listed = items_of(value)
    axes = [integer(v) for v in listed] if listed is not None else [integer(value)]
    if x is None or x.dims is None or x.rank is None:
        return True
    if value == NONE or listed == ():
        # Which axes go depends on open sizes: nothing is known then.
        m = call.machine
        return all(m.number(d) is not None or m.not_one(d) for d in x.dims)
    for axis in axes:
        if axis is None:
            continue
        if not axis_in(call, axis, x.rank, "squeezing", x):
            return False
        size = x.dims[axis]
        message = f"axis {axis} of {shape_text(x.dims)} cannot be removed: it is not 1"
        notes = side(x, axis)
        if not call.machine.require(size, Dim.of(1), call.place, message, notes):
            return False
    return True


def _split(call: Call) -> bool:
    x, sizes, axis = call.tensor(0), call.at(1), integer(call.at(2, Const(0)))
    if x is None or x.dims is None or axis is None:
        return True
    if not axis_in(call, axis, x.rank, "splitting", x):
        return False
    whole, machine = x.dims[axis], call.machine
    parts, listed = integer(sizes), items_of(sizes)
    number = machine.number(whole)
    origin = side(x, axis)
    if parts is not None and parts > 0 and number is not None and number % parts:
        message = f"{number} does not split into {parts} equal parts"
        return call.report("TJ4005", f"{message} (axis {axis} of {shape_text(x.dims)})", *origin)
    found = [dim_of(v) for v in listed] if listed is not None else None
    if found and all(d is not None for d in found) and Dim.of(-1) not in found:
        total = Dim.of(0)
        for d in found:
            total = total + (d or Dim.of(0))
        message = f"the parts add up to {dim_text(total)}, but axis {axis} is {dim_text(whole)}"
        return machine.require(total, whole, call.place, message, origin)
    return True


def _tile(call: Call) -> bool:
    x, listed = call.tensor(0), items_of(call.at(1))
    if x is None or listed is None or len(listed) == x.rank:
        return True
    message = f"{len(listed)} multiples for a tensor of shape {shape_text(x.dims)}"
    return call.report("TJ4003", message, made(x))


def _pad(call: Call) -> bool:
    x, listed = call.tensor(0), items_of(call.at(1))
    if x is None or listed is None or len(listed) == x.rank:
        return True
    message = f"paddings for {len(listed)} axes of a tensor of shape {shape_text(x.dims)}"
    return call.report("TJ4003", message, made(x))


def reshape(call: Call, x: Tensor | None, wanted: Sequence[Dim | None], skip: int) -> bool:
    """The elements before and after are as many. `skip`: leading axes that stay."""
    if x is None or x.dims is None or any(d is None for d in wanted):
        return True
    targets = [d for d in wanted if d is not None]
    rest = [d for d in targets if d != Dim.of(-1)]
    machine = call.machine
    before = machine.solver.normal(product(x.dims[skip:]) or Dim.of(1))
    after = machine.solver.normal(product(rest) or Dim.of(1))
    origins = [made(x)]
    shown = shape_text(targets)
    given = shape_text(x.dims[skip:])
    if len(rest) == len(targets):
        message = (
            f"{given} has {dim_text(before)} elements and cannot become {shown}, which has "
            f"{dim_text(after)}"
        )
        if skip:
            message += " (the batch aside)"
        known = tuple(origins) + (((call.origin, "the layer is made here"),) if skip else ())
        return machine.require(before, after, call.place, message, known)
    if len(targets) - len(rest) > 1:
        return call.report("TJ4002", f"more than one -1 in {shown}")
    return divides(call, after, before, given, shown, origins)


def divides(call: Call, part: Dim, whole: Dim, given: str, shown: str, origins: list[Any]) -> bool:
    """Whether -1 can stand for a whole number; only plain factors are looked at."""
    number, divisor = whole.constant, part.constant
    if number is not None and divisor is not None:
        if divisor and number % divisor == 0:
            return True
    elif divisor is not None and divisor > 1:
        # c * s with a free size s: some s always fits; nothing to say.
        content = 0
        for _, coefficient in whole.terms:
            content = math.gcd(content, coefficient)
        constants = [c for m, c in whole.terms if not m]
        if not (constants and content % divisor and _never_divides(whole, divisor)):
            if content % divisor and not call.machine.muted:
                text = f"that {divisor} divides {dim_text(whole)}"
                bounds = call.machine.solver.bounds
                call.machine.log.assume(Assumption.of(call.place, text, whole % part, bounds))
            return True
    else:
        return True
    message = (
        f"{given} has {dim_text(whole)} elements, which {dim_text(part)} does not divide: it "
        f"cannot become {shown}"
    )
    return call.report("TJ4005", message, *origins)


def _never_divides(whole: Dim, divisor: int) -> bool:
    """Whether `whole % divisor` is never 0: only the constant part is not a multiple."""
    rest = [(m, c) for m, c in whole.terms if c % divisor]
    return len(rest) == 1 and not rest[0][0]


def _reshape(call: Call) -> bool:
    listed = items_of(call.at(1))
    if listed is None:
        return True
    return reshape(call, call.tensor(0), [dim_of(v) for v in listed], 0)


def _reshape_rest(call: Call) -> bool:
    listed = items_of(call.at(1))
    if listed is None:
        return True
    return reshape(call, call.tensor(0), [dim_of(v) for v in listed], 1)


def _repeat_vector(call: Call) -> bool:
    return rank_is(call, call.tensor(0), (2,), "RepeatVector")


def _dot(call: Call) -> bool:
    listed = items_of(call.at(0))
    if listed is None or len(listed) != 2:
        return True
    left, right = listed
    if not isinstance(left, Tensor) or not isinstance(right, Tensor):
        return True
    if left.dims is None or right.dims is None:
        return True
    axes = call.at(1)
    pair = items_of(axes)
    first, second = (integer(v) for v in (pair if pair and len(pair) == 2 else (axes, axes)))
    if first is None or second is None:
        return True
    for axis, x in ((first, left), (second, right)):
        if not axis_in(call, axis, x.rank, "the dot product", x):
            return False
    what = "the dot product"
    return sizes_agree(call.machine, left, right, first, second, call.place, what)


def _last(call: Call) -> bool:
    x = call.tensor(0)
    if not call.keras or x is None or x.rank is None or x.rank >= 2:
        return True
    message = f"the layer needs at least 2 axes, but the input is {shape_text(x.dims)}"
    return call.report("TJ4003", message, made(x))


def _take(call: Call) -> bool:
    x = call.tensor(0)
    axis, batch = integer(call.at(2, Const(0))), integer(call.at(3, Const(0)))
    if x is None or not axis_in(call, axis, x.rank, "gathering", x):
        return x is None
    at = call.tensor(1)
    if at is None or not at.dims or not x.dims or batch is None:
        return True
    shared = range(min(batch % (len(at.dims) + 1), len(x.dims), len(at.dims)))
    what = "gathering by batches"
    return all(sizes_agree(call.machine, x, at, i, i, call.place, what) for i in shared)


def _unstack(call: Call) -> bool:
    x, axis = call.tensor(0), integer(call.at(2, Const(0)))
    return x is None or axis_in(call, axis, x.rank, "unstacking", x)


CHECKS: Mapping[str, Callable[[Call], bool]] = {
    "reduce": _reduce,
    "concat": _concat,
    "stack": _stack,
    "transpose": _transpose,
    "permute_rest": _permute_rest,
    "expand": _expand,
    "squeeze": _squeeze,
    "split": _split,
    "tile": _tile,
    "pad": _pad,
    "reshape": _reshape,
    "reshape_rest": _reshape_rest,
    "conv": conv,
    "depthwise": conv,
    "conv_transpose": conv_transpose,
    "pool": pool,
    "pad_spatial": spatial("padding"),
    "crop": spatial("cropping"),
    "upsample": spatial("upsampling"),
    "recurrent": recurrent,
    "repeat_vector": _repeat_vector,
    "dot": _dot,
    "last": _last,
    "take": _take,
    "global_pool": global_pool,
    "unstack": _unstack,
}
