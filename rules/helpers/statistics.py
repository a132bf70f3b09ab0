"""Weighted moments, histograms, norms."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def weighted_moments(
    x: jax.Array, axes: int | Sequence[int], weights: jax.Array, *, keepdims: bool = False
) -> tuple[jax.Array, jax.Array]:
    """tf.nn.weighted_moments: mean and variance under weights that broadcast to `x`."""
    axes = axes if isinstance(axes, int) else tuple(axes)
    total = jnp.sum(jnp.broadcast_to(weights, x.shape), axis=axes, keepdims=True)
    divisor = jnp.where(total == 0, jnp.inf, total)  # no weight: mean and variance are 0
    mean = jnp.sum(weights * x, axis=axes, keepdims=True) / divisor
    variance = jnp.sum(weights * jnp.square(x - mean), axis=axes, keepdims=True) / divisor
    if keepdims:
        return mean, variance
    return jnp.squeeze(mean, axis=axes), jnp.squeeze(variance, axis=axes)


def histogram_fixed_width(
    values: jax.Array, value_range: Sequence[float], bins: int = 100
) -> jax.Array:
    """tf.histogram_fixed_width: counts in equal bins; what is outside counts at the ends."""
    low, high = value_range[0], value_range[1]
    place = jnp.floor((jnp.ravel(values) - low) / (high - low) * bins)
    return jnp.bincount(jnp.clip(place, 0, bins - 1).astype(jnp.int32), length=bins)


def normalize(
    x: jax.Array, *, ord: int | float | str = "euclidean", axis: int | None = None
) -> tuple[jax.Array, jax.Array]:
    """tf.linalg.normalize: `x` over its norm, and the norm with axes kept."""
    if axis is None:
        flat = jnp.linalg.norm(jnp.ravel(x), ord=None if ord == "euclidean" else ord)
        norm = flat.reshape((1,) * x.ndim)
    else:
        axis = tuple(axis) if isinstance(axis, list) else axis
        order = None if ord == "euclidean" else ord
        norm = jnp.linalg.norm(x, ord=order, axis=axis, keepdims=True)
    return x / norm, norm
