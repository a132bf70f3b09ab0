"""Gradient clipping by norms."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def clip_by_norm(
    x: jax.Array, clip_norm: float, *, axes: int | Sequence[int] | None = None
) -> jax.Array:
    """tf.clip_by_norm: scales `x` down to an L2 norm of `clip_norm`."""
    total = jnp.sum(jnp.square(x), axis=axes, keepdims=True)
    positive = total > 0
    norm = jnp.where(positive, jnp.sqrt(jnp.where(positive, total, 1)), total)
    return x * clip_norm / jnp.maximum(norm, clip_norm)


def clip_by_global_norm(
    tensors: Sequence[jax.Array | None],
    clip_norm: float,
    *,
    use_norm: jax.Array | None = None,
) -> tuple[list[jax.Array | None], jax.Array]:
    """tf.clip_by_global_norm: the scaled tensors, and their common norm; NaN if not finite."""
    if use_norm is None:
        use_norm = jnp.sqrt(sum(jnp.sum(jnp.square(t)) for t in tensors if t is not None))
    scale = clip_norm * jnp.minimum(1.0 / use_norm, 1.0 / clip_norm)
    scale = jnp.where(jnp.isfinite(use_norm), scale, jnp.nan)
    return [None if t is None else t * scale for t in tensors], use_norm
