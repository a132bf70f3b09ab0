"""What the helpers of `keras.applications` make of the sizes of images (channels last)."""

from __future__ import annotations

from collections.abc import Sequence

from .values import NONE, UNKNOWN, Const, Fixed, Value, const, integer, items_of


def input_shape(shape: Value, default_size: Value, require_flatten: Value, weights: Value) -> Value:
    """`imagenet_utils.obtain_input_shape`: the shape as given, or the default one."""
    flatten, pretrained = const(require_flatten), const(weights)
    if not isinstance(flatten, bool):
        return UNKNOWN
    if flatten and pretrained == "imagenet":
        return Fixed((default_size, default_size, Const(3)))
    given = items_of(shape)
    if given:
        # With a classifier the program only runs on if pretrained weights are not asked for.
        known = pretrained is not ... or not flatten
        return Fixed(given) if known and len(given) == 3 else UNKNOWN
    if shape != NONE and given is None:
        return UNKNOWN
    if flatten:
        return Fixed((default_size, default_size, Const(3)))
    return Fixed((NONE, NONE, Const(3)))


def padding(sizes: Sequence[Value], kernel: Value) -> Value:
    """`imagenet_utils.correct_pad`: what a "valid" convolution with strides of 2 needs."""
    listed = items_of(kernel)
    kernels = [integer(v) for v in ((kernel, kernel) if listed is None else listed)]
    known = [integer(v) for v in sizes]
    if len(known) != 2 or len(kernels) != 2:
        return UNKNOWN
    rows: list[Value] = []
    for size, width in zip(known, kernels, strict=True):
        if size is None or width is None:
            return UNKNOWN
        half = width // 2
        rows.append(Fixed((Const(half - (1 - size % 2)), Const(half))))
    return Fixed(tuple(rows))
