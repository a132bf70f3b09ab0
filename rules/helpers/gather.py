"""Indexing with leading batch axes."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp


def gather(
    params: jax.Array, indices: jax.Array, *, axis: int | None = None, batch_dims: int = 0
) -> jax.Array:
    """tf.gather: slices of `params` along `axis`, for each of the `batch_dims` leading axes."""
    indices = jnp.asarray(indices)
    batch_dims = batch_dims % indices.ndim if batch_dims < 0 else batch_dims
    axis = batch_dims if axis is None else axis % params.ndim
    return _gather_batched(partial(jnp.take, axis=axis - batch_dims), batch_dims)(params, indices)


def gather_nd(params: jax.Array, indices: jax.Array, *, batch_dims: int = 0) -> jax.Array:
    """tf.gather_nd: the last axis of `indices` holds index tuples."""

    def pick(p: jax.Array, i: jax.Array) -> jax.Array:
        return p[tuple(jnp.moveaxis(i, -1, 0))]

    return _gather_batched(pick, batch_dims)(params, jnp.asarray(indices))


def scatter_nd(indices: jax.Array, updates: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """tf.scatter_nd: zeros with updates added at index tuples."""
    updates = jnp.asarray(updates)
    place = tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))
    return jnp.zeros(shape, updates.dtype).at[place].add(updates)


def _gather_batched(
    function: Callable[[jax.Array, jax.Array], jax.Array], batch_dims: int
) -> Callable[[jax.Array, jax.Array], jax.Array]:
    for _ in range(batch_dims):
        function = jax.vmap(function)
    return function
