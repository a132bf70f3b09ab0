"""Division that gives 0 for a zero divisor."""

import jax
import jax.numpy as jnp


def divide_no_nan(x: jax.Array, y: jax.Array) -> jax.Array:
    """tf.math.divide_no_nan: 0 where `y` is 0, also in the gradient."""
    is_zero = jnp.equal(y, 0)
    return jnp.where(is_zero, 0.0, jnp.divide(x, jnp.where(is_zero, 1.0, y)))
