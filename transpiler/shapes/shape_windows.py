"""Shapes of layers that pool, convolve, pad or resize the axes between batch and channels."""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from .shape_sizes import Argument, plus, size_of, sizes_of, times
from .shapes import UNKNOWN, Shape, Size


def window(
    size: Size, kernel: Size, stride: Size, padding: Argument, dilation: Size = None
) -> Size:
    """The output size of a strided window along one axis.

    "same": ceil(n / stride); "valid": floor((n - (kernel - 1) dilation - 1) / stride) + 1;
    "causal" is "same" in size.
    """
    if size is None or stride is None or not isinstance(padding, str):
        return None
    if padding.lower() in ("same", "causal"):
        return size.ceil_div(stride)
    if kernel is None:
        return None
    effective = (kernel - Dim.of(1)) * (dilation or Dim.of(1)) + Dim.of(1)
    return (size - effective) // stride + Dim.of(1)


def _spatial_rank(x: Shape, *values: Argument) -> int | None:
    for value in values:
        if isinstance(value, (tuple, list)):
            return len(cast(Many[Any], value))
    return None if x.rank is None else x.rank - 2


def conv(
    x: Argument,
    filters: Argument,
    kernel_size: Argument,
    strides: Argument = 1,
    padding: Argument = "valid",
    dilation_rate: Argument = 1,
    spatial: Argument = None,
) -> Shape:
    """A convolution over channels-last data (B, *spatial, C)."""
    if not isinstance(x, Shape):
        return UNKNOWN
    rank = (
        spatial
        if isinstance(spatial, int)
        else _spatial_rank(x, kernel_size, strides, dilation_rate)
    )
    if rank is None:
        return x.with_last(size_of(filters))
    x = x.at_rank(rank + 2)
    if x.dims is None or len(x.dims) != rank + 2:
        return Shape(None, size_of(filters))
    kernels, steps = (
        sizes_of(kernel_size, rank),
        sizes_of(strides if strides is not None else 1, rank),
    )
    holes = sizes_of(dilation_rate if dilation_rate is not None else 1, rank)
    inner = tuple(
        window(n, k, s, padding, d)
        for n, k, s, d in zip(x.dims[1:-1], kernels, steps, holes, strict=True)
    )
    return Shape((x.dims[0], *inner, size_of(filters)))


def depthwise(
    x: Argument,
    multiplier: Argument,
    kernel_size: Argument,
    strides: Argument = 1,
    padding: Argument = "valid",
    dilation_rate: Argument = 1,
    spatial: Argument = None,
) -> Shape:
    """A depthwise convolution: channels out = channels in * multiplier."""
    channels, factor = (x.axis(-1) if isinstance(x, Shape) else None), size_of(multiplier)
    filters = None if channels is None or factor is None else channels * factor
    return conv(x, filters, kernel_size, strides, padding, dilation_rate, spatial)


def conv_transpose(
    x: Argument,
    filters: Argument,
    kernel_size: Argument,
    strides: Argument = 1,
    padding: Argument = "valid",
    spatial: Argument = None,
) -> Shape:
    """ "same": n * stride; "valid": n * stride + max(kernel - stride, 0)."""
    if not isinstance(x, Shape):
        return UNKNOWN
    rank = spatial if isinstance(spatial, int) else _spatial_rank(x, kernel_size, strides)
    if rank is None:
        return x.with_last(size_of(filters))
    x = x.at_rank(rank + 2)
    if x.dims is None or len(x.dims) != rank + 2:
        return Shape(None, size_of(filters))
    inner: list[Size] = []
    for n, k, s in zip(
        x.dims[1:-1], sizes_of(kernel_size, rank), sizes_of(strides, rank), strict=True
    ):
        if n is None or s is None or not isinstance(padding, str):
            inner.append(None)
        elif padding.lower() == "same":
            inner.append(n * s)
        elif k is None:
            inner.append(None)
        else:
            inner.append(n * s + Dim.extremum("max", k - s, Dim.of(0)))
    return Shape((x.dims[0], *inner, size_of(filters)))


def pool(
    x: Argument,
    size: Argument,
    strides: Argument = None,
    padding: Argument = "valid",
    spatial: Argument = None,
) -> Shape:
    channels = x.axis(-1) if isinstance(x, Shape) else None
    steps = size if strides is None else strides
    return conv(x, channels, size, steps, padding, 1, spatial)


def global_pool(x: Argument, keepdims: Argument = False, data_format: Argument = None) -> Shape:
    if not isinstance(x, Shape):
        return UNKNOWN
    if data_format == "channels_first":
        if x.dims is None:
            return UNKNOWN
        last = (Dim.of(1),) * (len(x.dims) - 2) if keepdims is True else ()
        return Shape((*x.dims[:2], *last))
    if x.dims is None:
        return Shape((None, x.axis(-1))) if keepdims is False else Shape(None, x.axis(-1))
    middle = (Dim.of(1),) * (len(x.dims) - 2) if keepdims is True else ()
    return Shape((x.dims[0], *middle, x.dims[-1]))


def _inner_pairs(amounts: Argument, rank: int) -> list[tuple[Size, ...]]:
    if isinstance(amounts, (tuple, list)) and len(cast(Many[Any], amounts)) == rank:
        return [sizes_of(a, 2) for a in cast(Many[Any], amounts)]
    return [sizes_of(amounts, 2)] * rank


def pad_inner(x: Argument, padding: Argument, spatial: int) -> Shape:
    """ZeroPadding layers: an int, one int an axis, or a pair an axis; a lone pair for one axis."""
    return _shift_inner(x, padding, spatial, 1)


def pad_spatial(x: Argument, padding: Argument, spatial: Argument = None) -> Shape:
    """A Keras ZeroPadding layer; the rank is that of x where `spatial` does not say it."""
    rank = _inner_rank(x, spatial)
    return pad_inner(x, padding, rank) if rank is not None else UNKNOWN


def _inner_rank(x: Argument, spatial: Argument) -> int | None:
    if isinstance(spatial, int):
        return spatial
    return x.rank - 2 if isinstance(x, Shape) and x.rank is not None and x.rank > 2 else None


def stride_padding(x: Argument, kernel_size: Argument) -> list[list[Size]] | None:
    """What is padded before a strided "valid" window, so that it sees all: a pair an axis."""
    if not isinstance(x, Shape) or x.dims is None or len(x.dims) != 4:
        return None
    pairs: list[list[Size]] = []
    for n, kernel in zip(x.dims[1:3], sizes_of(kernel_size, 2), strict=True):
        half = None if kernel is None else kernel // Dim.of(2)
        # n % 2 is 2 ceil(n / 2) - n.
        odd = None if n is None else n.ceil_div(Dim.of(2)) * Dim.of(2) - n
        pairs.append([plus(half, Dim.of(-1), odd), half])
    return pairs


def crop(x: Argument, cropping: Argument, spatial: Argument = None) -> Shape:
    rank = _inner_rank(x, spatial)
    return _shift_inner(x, cropping, rank, -1) if rank is not None else UNKNOWN


def _shift_inner(x: Argument, amounts: Argument, spatial: int, sign: int) -> Shape:
    if not isinstance(x, Shape):
        return UNKNOWN
    x = x.at_rank(spatial + 2)
    if x.dims is None or len(x.dims) != spatial + 2:
        return UNKNOWN
    pairs = [sizes_of(amounts, 2)] if spatial == 1 else _inner_pairs(amounts, spatial)
    inner = (
        plus(d, *(times(p, Dim.of(sign)) for p in pair))
        for d, pair in zip(x.dims[1:-1], pairs, strict=True)
    )
    return Shape((x.dims[0], *inner, x.dims[-1]))


def upsample(x: Argument, size: Argument, spatial: Argument = None) -> Shape:
    rank = _inner_rank(x, spatial)
    if not isinstance(x, Shape) or rank is None:
        return UNKNOWN
    x = x.at_rank(rank + 2)
    if x.dims is None or len(x.dims) != rank + 2:
        return UNKNOWN
    inner = (times(d, s) for d, s in zip(x.dims[1:-1], sizes_of(size, rank), strict=True))
    return Shape((x.dims[0], *inner, x.dims[-1]))


def resize(x: Argument, size: Argument) -> Shape:
    """(B, H, W, C) or (H, W, C) to `size` = (height, width); of an unknown rank: a batch."""
    height, width = sizes_of(size, 2)
    if not isinstance(x, Shape):
        return Shape((None, height, width, None))
    batch = () if x.rank == 3 else (x.axis(0),)
    return Shape((*batch, height, width, x.axis(-1)))
