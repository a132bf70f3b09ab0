"""Diagonals and bands of matrices; decompositions in TensorFlow's order."""

import math

import jax
import jax.numpy as jnp


def band_part(x: jax.Array, num_lower: int, num_upper: int) -> jax.Array:
    """tf.linalg.band_part: zero outside of a band; a negative number keeps that whole triangle."""
    rows, columns = jnp.arange(x.shape[-2])[:, None], jnp.arange(x.shape[-1])
    lower = jnp.logical_or(jnp.less(num_lower, 0), rows - columns <= num_lower)
    upper = jnp.logical_or(jnp.less(num_upper, 0), columns - rows <= num_upper)
    return jnp.where(jnp.logical_and(lower, upper), x, jnp.zeros((), x.dtype))


def set_diag(x: jax.Array, diagonal: jax.Array) -> jax.Array:
    """tf.linalg.set_diag: the main diagonals replaced."""
    place = jnp.arange(min(x.shape[-2:]))
    return x.at[..., place, place].set(diagonal)


def tensor_diag_part(x: jax.Array) -> jax.Array:
    """tf.linalg.tensor_diag_part: (*S, *S) -> (*S,)."""
    shape = x.shape[: x.ndim // 2]
    return jnp.diagonal(x.reshape(math.prod(shape), -1)).reshape(shape)


def svd(x: jax.Array, *, full_matrices: bool = False) -> tuple[jax.Array, jax.Array, jax.Array]:
    """tf.linalg.svd: s, u and v (not transposed)."""
    u, s, vh = jnp.linalg.svd(x, full_matrices=full_matrices)
    return s, u, jnp.conj(jnp.swapaxes(vh, -1, -2))
