"""Rearrangements between space, depth and batch."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def space_to_depth(x: jax.Array, block: int) -> jax.Array:
    """tf.nn.space_to_depth: (B, H, W, C) -> (B, H / block, W / block, block * block * C)."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // block, block, width // block, block, channels)
    x = x.transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(batch, height // block, width // block, block * block * channels)


def depth_to_space(x: jax.Array, block: int) -> jax.Array:
    """tf.nn.depth_to_space: (B, H, W, block * block * C) -> (B, H * block, W * block, C)."""
    batch, height, width, channels = x.shape
    inner = channels // (block * block)
    x = x.reshape(batch, height, width, block, block, inner).transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(batch, height * block, width * block, inner)


def space_to_batch(
    x: jax.Array, block_shape: Sequence[int], paddings: Sequence[Sequence[int]]
) -> jax.Array:
    """tf.space_to_batch: blocks of the padded axes 1, 2 ... move to the batch."""
    block_shape = _blocks_list(block_shape, len(paddings))
    count = len(block_shape)
    rest = [(0, 0)] * (x.ndim - 1 - count)
    x = jnp.pad(x, [(0, 0), *(tuple(pair) for pair in paddings), *rest])
    shape = [x.shape[0]]
    for size, block in zip(x.shape[1 : count + 1], block_shape, strict=True):
        shape += [size // block, block]
    tail = x.shape[count + 1 :]
    x = x.reshape(*shape, *tail)
    blocks, spaces = range(2, 2 * count + 1, 2), range(1, 2 * count, 2)
    x = x.transpose(*blocks, 0, *spaces, *range(2 * count + 1, x.ndim))
    return x.reshape(-1, *shape[1::2], *tail)


def batch_to_space(
    x: jax.Array, block_shape: Sequence[int], crops: Sequence[Sequence[int]]
) -> jax.Array:
    """tf.batch_to_space: the inverse of space_to_batch, then cropping."""
    block_shape = _blocks_list(block_shape, len(crops))
    count = len(block_shape)
    spaces, tail = x.shape[1 : count + 1], x.shape[count + 1 :]
    x = x.reshape(*block_shape, -1, *spaces, *tail)
    order = [count]
    for axis in range(count):
        order += [count + 1 + axis, axis]
    x = x.transpose(*order, *range(2 * count + 1, x.ndim))
    sizes = [n * block for n, block in zip(spaces, block_shape, strict=True)]
    x = x.reshape(-1, *sizes, *tail)
    inside = (slice(a, n - b) for n, (a, b) in zip(sizes, crops, strict=True))
    return x[(slice(None), *inside)]


def _blocks_list(block_shape: int | Sequence[int], count: int) -> list[int]:
    if isinstance(block_shape, int):
        return [block_shape] * count
    return [int(block) for block in block_shape]
