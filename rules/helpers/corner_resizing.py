"""Image resizing as TensorFlow 1 does it, with samples at the corners of pixels."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np


def resize_corners(
    images: jax.Array,
    size: Sequence[int],
    method: str | int = "bilinear",
    *,
    align_corners: bool = False,
) -> jax.Array:
    """tf.compat.v1.image.resize: (*B, H, W, C) -> (*B, *size, C), in float32 unless `method` is
    "nearest" or the size stays.

    `method` is "bilinear", "nearest" or "bicubic", or TensorFlow's number of it. `align_corners`:
    the first and last pixels of both images lie on each other.
    """
    if tuple(size) == images.shape[-3:-1]:
        return images
    kernel = method if isinstance(method, str) else ("bilinear", "nearest", "bicubic")[method]
    for axis, count in zip((-3, -2), size, strict=True):
        length = images.shape[axis]
        edges = 1 if align_corners and count > 1 else 0
        step = np.float32(length - edges) / np.float32(count - edges)
        places = np.arange(count, dtype=np.float32) * step
        if kernel == "nearest":
            nearest = np.floor(places + np.float32(0.5 if align_corners else 0)).astype(np.int32)
            images = jnp.take(images, np.minimum(nearest, length - 1), axis=axis)
            continue
        first = np.floor(places).astype(np.int32)
        images = sum(
            jnp.take(images, np.clip(first + offset, 0, length - 1), axis=axis)
            * weights.reshape(count, *(1,) * (-axis - 1))
            for offset, weights in _corner_resizing_weights(kernel, places - first)
        )
    return images


def _corner_resizing_weights(kernel: str, rest: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Which pixels each sample takes, counted from the one before it, and how much of each; `rest`
    is how far from that one it lies. The bicubic kernel is Keys' with a = -0.75, out of a table of
    1024 steps."""
    rest = rest.astype(np.float32)
    if kernel == "bilinear":
        return [(0, 1 - rest), (1, rest)]
    rest = np.rint(rest * 1024) / np.float32(1024)
    a = np.float32(-0.75)

    def near(x: np.ndarray) -> np.ndarray:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: np.ndarray) -> np.ndarray:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [(-1, far(rest + 1)), (0, near(rest)), (1, near(1 - rest)), (2, far(2 - rest))]
