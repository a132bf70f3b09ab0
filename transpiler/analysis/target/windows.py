"""Convolutions and pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....ir.dims import Dim
from ..text import shape_text
from ..values import NONE, Tensor, Value, const, integer, items_of
from .dtypes import inexact, promote
from .rearranging import pad_pairs
from .sizes import typed
from .use import Semantics, Use, dims_of, filled

ONE = Dim.of(1)
Pads = str | Sequence[tuple[Dim, Dim]] | None


def pads_of(value: Value, count: int) -> Pads:
    """The padding argument: a word, or pads before and after each axis; None when not known."""
    word = const(value)
    if isinstance(word, str):
        return word.upper()
    if word is not ... and not isinstance(word, int):
        return None
    items = items_of(value)
    if items is not None and len(items) == count and all(integer(v) is not None for v in items):
        sizes = dims_of(value, count)
        return None if sizes is None else [(s, s) for s in sizes]
    return pad_pairs(value, count)


def windowed(size: Dim, kernel: Dim, stride: Dim, pads: Pads, axis: int, hole: Dim) -> Dim | None:
    """How many windows fit along an axis."""
    extent = (kernel - ONE) * hole + ONE
    match pads:
        case None:
            return None
        case "SAME" | "SAME_LOWER" | "CAUSAL":
            return size.ceil_div(stride)
        case "VALID":
            return (size - extent) // stride + ONE
        case "CIRCULAR" | "REFLECT":
            return size.ceil_div(stride)
        case str():
            return None
        case _:
            before, after = pads[axis]
            return (size + before + after - extent) // stride + ONE


def slide(
    use: Use,
    sizes: Sequence[Dim],
    kernel: Sequence[Dim],
    strides: Sequence[Dim],
    pads: Pads,
    holes: Sequence[Dim] | None = None,
) -> tuple[Dim, ...] | None:
    """The sizes of the result of windows over these axes; None after a conflict."""
    found: list[Dim | None] = []
    holes = holes or (ONE,) * len(sizes)
    for i, (n, k, s, h) in enumerate(zip(sizes, kernel, strides, holes, strict=True)):
        size = windowed(n, k, s, pads, i, h)
        number = None if size is None else use.m.number(size)
        if number is not None and number < 1:
            use.report(
                "TJ4005", f"a window of {k.constant} does not fit into axes {shape_text(sizes)}"
            )
            return None
        found.append(size)
    return filled(use.m, found)


def _pool(use: Use) -> Value:
    x = use.tensor("inputs")
    window = items_of(use.get("window_shape"))
    if x.dims is None or window is None:
        return typed(x, None)
    count = len(window)
    # One axis of channels, and a batch or none.
    if len(x.dims) not in (count + 1, count + 2):
        return use.report(
            "TJ4003", f"pooling over {count} axes of a tensor of shape {shape_text(x.dims)}"
        )
    kernel = dims_of(use.get("window_shape"), count)
    steps = use.get("strides")
    strides = (ONE,) * count if steps == NONE else dims_of(steps, count)
    pads = pads_of(use.get("padding"), count)
    head = x.dims[: len(x.dims) - count - 1]
    if kernel is None or strides is None:
        return typed(x, (*head, *filled(use.m, (None,) * count), x.dims[-1]))
    found = slide(use, x.dims[-count - 1 : -1], kernel, strides, pads)
    if found is None:
        return Tensor()
    dtype = inexact(x.dtype) if use.name.endswith("avg_pool") else x.dtype
    return Tensor((*head, *found, x.dims[-1]), dtype)


def _reduce_window(use: Use) -> Value:
    x = use.tensor("operand")
    if x.dims is None:
        return typed(x, None)
    count = len(x.dims)
    kernel = dims_of(use.get("window_dimensions"), count)
    steps = use.get("window_strides")
    strides = (ONE,) * count if steps == NONE else dims_of(steps, count)
    pads = pads_of(use.get("padding"), count)
    if kernel is None or strides is None or use.get("base_dilation") != NONE:
        return typed(x, filled(use.m, (None,) * count))
    holes = use.get("window_dilation")
    found = slide(
        use, x.dims, kernel, strides, pads, None if holes == NONE else dims_of(holes, count)
    )
    return typed(x, found)


def _conv(use: Use) -> Value:
    """`lax.conv_general_dilated` with layouts in letters: "NHWC", "HWIO"."""
    x, kernel = use.tensor("lhs"), use.tensor("rhs")
    dtype, _ = promote((x, kernel))
    layouts = items_of(use.get("dimension_numbers"))
    words = [const(v) for v in layouts or ()]
    if x.dims is None or kernel.dims is None:
        return Tensor(None, dtype)
    rank = len(x.dims)
    if use.get("dimension_numbers") == NONE:
        inner = "".join(chr(ord("a") + i) for i in range(rank - 2))
        words = ["NC" + inner, "OI" + inner, "NC" + inner]
    texts = [w for w in words if isinstance(w, str)]
    if len(texts) != 3 or any(len(t) != rank for t in texts) or len(kernel.dims) != rank:
        if len(texts) == 3:
            return use.report(
                "TJ4003",
                f"a convolution of {shape_text(x.dims)} with a kernel {shape_text(kernel.dims)}",
            )
        return Tensor(None, dtype)
    given, weights, result = texts
    spatial = [c for c in weights if c not in "IO"]
    count = len(spatial)
    groups = (
        integer(use.get("feature_group_count")) if use.get("feature_group_count") != NONE else 1
    )
    sizes = dict(zip(given, x.dims, strict=True))
    kernels = dict(zip(weights, kernel.dims, strict=True))
    if groups is not None and sizes["C"] != kernels["I"] * Dim.of(groups):
        message = (
            f"a convolution of {shape_text(x.dims)} with a kernel {shape_text(kernel.dims)} in "
            f"{groups} groups"
        )
        wanted = kernels["I"] * Dim.of(groups)
        if not use.m.require(sizes["C"], wanted, use.place, message):
            return Tensor(None, dtype)
    strides = dims_of(use.get("window_strides"), count)
    holes = use.get("rhs_dilation")
    gaps = use.get("lhs_dilation")
    spread = [sizes[c] for c in spatial]
    if gaps != NONE:
        between = dims_of(gaps, count)
        if between is None:
            return Tensor(None, dtype)
        spread = [(n - ONE) * g + ONE for n, g in zip(spread, between, strict=True)]
    pads = pads_of(use.get("padding"), count)
    if strides is None:
        found: tuple[Dim, ...] | None = filled(use.m, (None,) * count)
    else:
        found = slide(
            use,
            spread,
            [kernels[c] for c in spatial],
            strides,
            pads,
            None if holes == NONE else dims_of(holes, count),
        )
    if found is None:
        return Tensor(None, dtype)
    named = {**dict(zip(spatial, found, strict=True)), "N": sizes["N"], "C": kernels["O"]}
    return Tensor(tuple(named[c] for c in result), dtype)


def transposed_size(size: Dim, kernel: Dim, stride: Dim, pads: Pads, axis: int) -> Dim | None:
    """What `nnx.ConvTranspose` makes of an axis."""
    match pads:
        case "SAME":
            return size * stride
        case "VALID":
            step, width = stride.constant, kernel.constant
            if step is not None and width is not None:
                return size * stride + Dim.of(max(width - step, 0))
            return size * stride + Dim.extremum("max", kernel - stride, Dim.of(0))
        case str() | None:
            return None
        case _:
            before, after = pads[axis]
            return (size - ONE) * stride + ONE + before + after - kernel + ONE


FAMILY: Mapping[str, Semantics] = {
    "flax.nnx.max_pool": _pool,
    "flax.nnx.avg_pool": _pool,
    "flax.nnx.min_pool": _pool,
    "jax.lax.reduce_window": _reduce_window,
    "jax.lax.conv_general_dilated": _conv,
}
