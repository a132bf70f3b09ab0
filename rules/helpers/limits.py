"""Casts that stay inside the range of a dtype."""

import jax
import jax.numpy as jnp


def dtype_limits(dtype: jnp.dtype) -> jnp.finfo | jnp.iinfo:
    """The smallest and largest number of a dtype, as `min` and `max`."""
    return jnp.finfo(dtype) if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype)


def saturate_cast(x: jax.Array, dtype: jnp.dtype) -> jax.Array:
    """tf.saturate_cast: numbers outside the range of `dtype` become its limits."""
    x, limits = jnp.asarray(x), dtype_limits(dtype)
    own = dtype_limits(x.dtype)
    low, high = max(limits.min, own.min), min(limits.max, own.max)
    return jnp.clip(x, low, high).astype(dtype)


def convert_image_dtype(image: jax.Array, dtype: jnp.dtype, *, saturate: bool = False) -> jax.Array:
    """tf.image.convert_image_dtype: integers stand for their share of the largest value."""
    image = jnp.asarray(image)
    to_float = jnp.issubdtype(dtype, jnp.floating)
    if image.dtype == dtype:
        return image
    if jnp.issubdtype(image.dtype, jnp.floating):
        if to_float:
            return image.astype(dtype)
        scaled = image * (jnp.iinfo(dtype).max + 0.5)
        return saturate_cast(scaled, dtype) if saturate else scaled.astype(dtype)
    largest = jnp.iinfo(image.dtype).max
    if to_float:
        return image.astype(dtype) * (1.0 / largest)
    target = jnp.iinfo(dtype).max
    if largest > target:
        return (image // ((largest + 1) // (target + 1))).astype(dtype)
    cast = saturate_cast(image, dtype) if saturate else image.astype(dtype)
    return cast * ((target + 1) // (largest + 1))
