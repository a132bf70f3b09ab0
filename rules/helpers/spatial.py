"""Padding and cropping of the axes between batch and channels."""

from collections.abc import Sequence
from typing import Any

import jax


def spatial_padding(padding: int | Sequence[Any], rank: int) -> list[tuple[int, int]]:
    """The pad widths of a Keras ZeroPadding layer: an int, one int an axis, or a pair an axis."""
    if isinstance(padding, int):
        padding = (padding,) * rank
    elif rank == 1:
        padding = (padding,) if len(padding) == 2 else padding
    pairs = [(p, p) if isinstance(p, int) else (p[0], p[1]) for p in padding]
    return [(0, 0), *pairs, (0, 0)]


def center_crop(x: jax.Array, height: int, width: int) -> jax.Array:
    """`keras.layers.CenterCrop` of (batch, height, width, channels). Raises ValueError for an image
    that is smaller.
    """
    top, left = (x.shape[1] - height) // 2, (x.shape[2] - width) // 2
    if top < 0 or left < 0:
        raise ValueError(f"cannot crop {x.shape[1:3]} to {(height, width)}")
    return x[:, top : top + height, left : left + width]
