"""Exclusive and reversed running sums and products."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax


def cumsum(
    x: jax.Array, axis: int = 0, *, exclusive: bool = False, reverse: bool = False
) -> jax.Array:
    """tf.cumsum; `exclusive` starts from 0 and leaves out the last element."""
    return _cumulative(lax.cumsum, 0, x, axis, exclusive, reverse)


def cumprod(
    x: jax.Array, axis: int = 0, *, exclusive: bool = False, reverse: bool = False
) -> jax.Array:
    """tf.math.cumprod; `exclusive` starts from 1 and leaves out the last element."""
    return _cumulative(lax.cumprod, 1, x, axis, exclusive, reverse)


def _cumulative(
    function: Callable[..., jax.Array],
    first: int,
    x: jax.Array,
    axis: int,
    exclusive: bool,
    reverse: bool,
) -> jax.Array:
    axis = axis % x.ndim
    if exclusive:
        size = x.shape[axis]
        start = jnp.full_like(lax.slice_in_dim(x, 0, min(size, 1), axis=axis), first)
        rest = lax.slice_in_dim(x, 1, size, axis=axis) if reverse else None
        if rest is None:
            rest = lax.slice_in_dim(x, 0, max(size - 1, 0), axis=axis)
        x = jnp.concatenate([rest, start] if reverse else [start, rest], axis=axis)
    return function(x, axis=axis, reverse=reverse)
