"""Convolutions and pooling over any number of spatial axes, channels last."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax


def convolution(
    x: jax.Array,
    filters: jax.Array,
    *,
    strides: int | Sequence[int] | None = None,
    padding: str = "VALID",
    dilations: int | Sequence[int] | None = None,
) -> jax.Array:
    """tf.nn.convolution: x (B, *spatial, in), filters (*kernel, in / groups, out)."""
    count = x.ndim - 2
    axes = "DHW"[3 - count :] if count > 1 else "W"
    return lax.conv_general_dilated(
        x,
        filters,
        window_strides=_windows_tuple(strides, count),
        padding=padding.upper(),
        rhs_dilation=_windows_tuple(dilations, count),
        dimension_numbers=(f"N{axes}C", f"{axes}IO", f"N{axes}C"),
        feature_group_count=x.shape[-1] // filters.shape[-2],
    )


def conv_transpose(
    x: jax.Array,
    filters: jax.Array,
    output_shape: Sequence[int],
    *,
    strides: int | Sequence[int],
    padding: str = "SAME",
    dilations: int | Sequence[int] | None = None,
) -> jax.Array:
    """tf.nn.conv*_transpose: the gradient of a convolution from `output_shape`.

    x (B, *spatial, in), filters (*kernel, out, in).
    """
    count = x.ndim - 2
    steps, holes = _windows_tuple(strides, count), _windows_tuple(dilations, count)
    sizes = output_shape[-count - 1 : -1] if len(output_shape) == count + 2 else output_shape
    pads: list[tuple[int, int]] = []
    for n, out, k, s, d in zip(
        x.shape[1:-1], sizes, filters.shape[:count], steps, holes, strict=True
    ):
        kernel = (k - 1) * d + 1
        total = max((n - 1) * s + kernel - out, 0) if padding.upper() == "SAME" else 0
        before = kernel - 1 - total // 2
        pads.append((before, out + kernel - 2 - (n - 1) * s - before))
    axes = "DHW"[3 - count :] if count > 1 else "W"
    return lax.conv_general_dilated(
        x,
        jnp.flip(filters, axis=tuple(range(count))),
        window_strides=(1,) * count,
        padding=pads,
        lhs_dilation=steps,
        rhs_dilation=holes,
        dimension_numbers=(f"N{axes}C", f"{axes}OI", f"N{axes}C"),
    )


def max_pool(
    x: jax.Array, size: int | Sequence[int], *, strides: int | Sequence[int], padding: str
) -> jax.Array:
    """tf.nn.max_pool: x (B, *spatial, C)."""
    count = x.ndim - 2
    steps = _windows_tuple(strides, count)
    return nnx.max_pool(x, _windows_tuple(size, count), strides=steps, padding=padding.upper())


def avg_pool(
    x: jax.Array, size: int | Sequence[int], *, strides: int | Sequence[int], padding: str
) -> jax.Array:
    """tf.nn.avg_pool: padding is not counted. x (B, *spatial, C)."""
    count = x.ndim - 2
    return nnx.avg_pool(
        x,
        _windows_tuple(size, count),
        strides=_windows_tuple(strides, count),
        padding=padding.upper(),
        count_include_pad=False,
    )


def local_response_normalization(
    x: jax.Array,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> jax.Array:
    """tf.nn.local_response_normalization over the last axis."""
    window = (1,) * (x.ndim - 1) + (2 * depth_radius + 1,)
    pads = ((0, 0),) * (x.ndim - 1) + ((depth_radius, depth_radius),)
    total = lax.reduce_window(jnp.square(x), 0.0, lax.add, window, (1,) * x.ndim, pads)
    return x / (bias + alpha * total) ** beta


def extract_patches(
    images: jax.Array,
    sizes: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
) -> jax.Array:
    """tf.image.extract_patches: (B, H, W, C) -> (B, rows, columns, height * width * C)."""
    patches, _, _ = _windows_patches(images, sizes, strides, rates, padding, 0)
    return patches.reshape(*patches.shape[:3], -1)


def max_pool_with_argmax(
    x: jax.Array,
    size: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str,
    include_batch_in_index: bool = False,
) -> tuple[jax.Array, jax.Array]:
    """tf.nn.max_pool_with_argmax: the maxima, and their places in the flattened image."""
    batch, height, width, channels = x.shape
    low = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    patches, rows, columns = _windows_patches(x, size, strides, 1, padding, low)
    flat = patches.reshape(*patches.shape[:3], -1, channels)
    chosen = jnp.argmax(flat, axis=3)
    places = (rows[:, None, :, None] * width + columns[None, :, None, :]).reshape(
        rows.shape[0], columns.shape[0], -1
    )
    picked = jnp.take_along_axis(places[None, :, :, :, None], chosen[:, :, :, None], axis=3)
    index = picked[:, :, :, 0] * channels + jnp.arange(channels)
    if include_batch_in_index:
        index = index + (jnp.arange(batch) * height * width * channels)[:, None, None, None]
    return jnp.max(flat, axis=3), index


def _windows_tuple(value: int | Sequence[int] | None, count: int) -> tuple[int, ...]:
    """`count` numbers from one, from `count`, or from one for every axis with batch and channel."""
    if value is None:
        return (1,) * count
    if isinstance(value, int):
        return (value,) * count
    values = tuple(value)
    if len(values) == 1:
        return values * count
    return values[1:-1] if len(values) == count + 2 else values


def _windows_patches(
    x: jax.Array,
    sizes: int | Sequence[int],
    strides: int | Sequence[int],
    rates: int | Sequence[int],
    padding: str,
    fill: float,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(B, rows, columns, height, width, C), and the source row and column of each element."""
    pads, places = [], []
    for n, k, s, d in zip(
        x.shape[1:3],
        _windows_tuple(sizes, 2),
        _windows_tuple(strides, 2),
        _windows_tuple(rates, 2),
        strict=True,
    ):
        window = (k - 1) * d + 1
        if padding.upper() == "SAME":
            count = -(-n // s)
            total = max((count - 1) * s + window - n, 0)
        else:
            count, total = (n - window) // s + 1, 0
        pads.append((total // 2, total - total // 2))
        places.append(jnp.arange(count)[:, None] * s + jnp.arange(k) * d)
    padded = jnp.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    rows, columns = places
    patches = padded[:, rows[:, None, :, None], columns[None, :, None, :]]
    return patches, rows - pads[0][0], columns - pads[1][0]
