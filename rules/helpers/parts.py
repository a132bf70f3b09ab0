"""Cutting tensors into parts."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np


def split(x: jax.Array, parts: int | Sequence[int], axis: int = 0) -> list[jax.Array]:
    """tf.split: a number of equal parts, or their sizes, one of which may be -1."""
    if isinstance(parts, int):
        return jnp.split(x, parts, axis=axis)
    sizes = [int(size) for size in parts]
    if -1 in sizes:
        sizes[sizes.index(-1)] = x.shape[axis] - sum(sizes) - 1
    return jnp.split(x, np.cumsum(sizes)[:-1], axis=axis)


def slice_tensor(x: jax.Array, begin: Sequence[int], size: Sequence[int]) -> jax.Array:
    """tf.slice: `size` elements from `begin` on each axis; a size of -1 reaches to the end."""
    sizes = [n - b if s == -1 else s for n, b, s in zip(x.shape, begin, size, strict=True)]
    return jax.lax.dynamic_slice(x, begin, sizes)


def reverse_sequence(
    x: jax.Array, lengths: jax.Array, *, seq_axis: int, batch_axis: int = 0
) -> jax.Array:
    """tf.reverse_sequence: the first `lengths[i]` elements of row i are reversed."""
    batch_axis, seq_axis = batch_axis % x.ndim, seq_axis % x.ndim
    place = jnp.arange(x.shape[seq_axis])
    length = jnp.asarray(lengths)[:, None]
    index = jnp.where(place < length, length - 1 - place, place)
    if batch_axis > seq_axis:
        index = index.T
    others = [axis for axis in range(x.ndim) if axis not in (batch_axis, seq_axis)]
    return jnp.take_along_axis(x, jnp.expand_dims(index, others), axis=seq_axis)
