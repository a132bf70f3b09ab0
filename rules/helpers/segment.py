"""Segment reductions: negative ids are dropped, empty segments are finite."""

import jax
import jax.numpy as jnp


def segment_sum(
    data: jax.Array, segment_ids: jax.Array, num_segments: int | None = None
) -> jax.Array:
    """tf.math.unsorted_segment_sum; tf.math.segment_sum without `num_segments` (not under jit).

    data (*I, *R), segment_ids (*I,) -> (num_segments, *R).
    """
    data, segment_ids, count = _segment_flat(data, segment_ids, num_segments)
    return jax.ops.segment_sum(data, segment_ids, count)


def segment_prod(
    data: jax.Array, segment_ids: jax.Array, num_segments: int | None = None
) -> jax.Array:
    """tf.math.unsorted_segment_prod, tf.math.segment_prod: an empty segment is 1."""
    data, segment_ids, count = _segment_flat(data, segment_ids, num_segments)
    return jax.ops.segment_prod(data, segment_ids, count)


def segment_mean(
    data: jax.Array,
    segment_ids: jax.Array,
    num_segments: int | None = None,
    *,
    power: float = 1.0,
) -> jax.Array:
    """tf.math.(unsorted_)segment_mean: an empty segment is 0. `power=0.5` is for sqrt_n."""
    data, segment_ids, count = _segment_flat(data, segment_ids, num_segments)
    sizes = jax.ops.segment_sum(jnp.ones_like(segment_ids, data.dtype), segment_ids, count)
    divisor = jnp.maximum(sizes, 1) ** power
    total = jax.ops.segment_sum(data, segment_ids, count)
    return total / divisor.reshape(-1, *(1,) * (data.ndim - 1))


def segment_max(
    data: jax.Array, segment_ids: jax.Array, num_segments: int | None = None
) -> jax.Array:
    """tf.math.unsorted_segment_max (an empty segment is the lowest finite number, which is also
    given for -inf); without `num_segments`, tf.math.segment_max (an empty segment is 0)."""
    sorted_ids = num_segments is None
    data, segment_ids, count = _segment_flat(data, segment_ids, num_segments)
    result = jax.ops.segment_max(data, segment_ids, count)
    if not sorted_ids:
        return jnp.maximum(result, _segment_limits(data.dtype).min)
    return _segment_present(result, segment_ids, count)


def segment_min(
    data: jax.Array, segment_ids: jax.Array, num_segments: int | None = None
) -> jax.Array:
    """tf.math.unsorted_segment_min and tf.math.segment_min, as segment_max."""
    sorted_ids = num_segments is None
    data, segment_ids, count = _segment_flat(data, segment_ids, num_segments)
    result = jax.ops.segment_min(data, segment_ids, count)
    if not sorted_ids:
        return jnp.minimum(result, _segment_limits(data.dtype).max)
    return _segment_present(result, segment_ids, count)


def _segment_flat(
    data: jax.Array, segment_ids: jax.Array, num_segments: int | None
) -> tuple[jax.Array, jax.Array, int]:
    segment_ids = jnp.asarray(segment_ids)
    data = data.reshape(-1, *data.shape[segment_ids.ndim :])
    segment_ids = jnp.ravel(segment_ids)
    if num_segments is None:
        num_segments = int(segment_ids[-1]) + 1 if segment_ids.size else 0
    return data, segment_ids, num_segments


def _segment_limits(dtype: jnp.dtype) -> jnp.finfo | jnp.iinfo:
    return jnp.finfo(dtype) if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype)


def _segment_present(result: jax.Array, segment_ids: jax.Array, count: int) -> jax.Array:
    """0 for a segment without an element."""
    sizes = jax.ops.segment_sum(jnp.ones_like(segment_ids), segment_ids, count)
    present = (sizes > 0).reshape(-1, *(1,) * (result.ndim - 1))
    return jnp.where(present, result, 0)
