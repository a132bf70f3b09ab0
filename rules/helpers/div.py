"""Division as TensorFlow 1 had it."""

import jax
import jax.numpy as jnp


def div(x: jax.Array, y: jax.Array) -> jax.Array:
    """tf.compat.v1.div: integers divide with floor."""
    x, y = jnp.asarray(x), jnp.asarray(y)
    return x // y if jnp.issubdtype(jnp.result_type(x, y), jnp.integer) else x / y
