"""Cross-entropies of probabilities, as keras.backend clips them."""

import jax
import jax.numpy as jnp


def binary_crossentropy(target: jax.Array, output: jax.Array) -> jax.Array:
    """keras.backend.binary_crossentropy(from_logits=False)."""
    output = jnp.clip(output, 1e-7, 1 - 1e-7)
    return -(target * jnp.log(output) + (1 - target) * jnp.log(1 - output))


def categorical_crossentropy(target: jax.Array, output: jax.Array, *, axis: int = -1) -> jax.Array:
    """keras.backend.categorical_crossentropy(from_logits=False)."""
    output = output / jnp.sum(output, axis=axis, keepdims=True)
    return -jnp.sum(target * jnp.log(jnp.clip(output, 1e-7, 1 - 1e-7)), axis=axis)


def sparse_categorical_crossentropy(
    target: jax.Array, output: jax.Array, *, axis: int = -1
) -> jax.Array:
    """keras.backend.sparse_categorical_crossentropy(from_logits=False)."""
    logits = jax.nn.log_softmax(jnp.log(jnp.clip(output, 1e-7, 1 - 1e-7)), axis=axis)
    index = jnp.expand_dims(target.astype(jnp.int32), axis)
    return -jnp.squeeze(jnp.take_along_axis(logits, index, axis=axis), axis=axis)
