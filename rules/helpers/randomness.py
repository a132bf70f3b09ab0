"""Random numbers by TensorFlow's conventions."""

import jax
import jax.numpy as jnp


def random_uniform(
    key: jax.Array,
    shape: tuple[int, ...],
    low: float = 0,
    high: float | None = None,
    dtype: jnp.dtype = jnp.float32,
) -> jax.Array:
    """tf.random.uniform: integers or floats in [low, high); floats up to 1 without `high`."""
    if jnp.issubdtype(dtype, jnp.integer):
        return jax.random.randint(key, shape, low, high, dtype=dtype)
    return jax.random.uniform(key, shape, dtype, low, 1 if high is None else high)


def seed_key(seed: jax.Array) -> jax.Array:
    """The key for a stateless seed: two integers."""
    seed = jnp.asarray(seed)
    return jax.random.fold_in(jax.random.key(seed[0]), seed[1])
