"""Parts of Keras losses."""

import jax
import jax.numpy as jnp


def reduce_loss(losses: jax.Array, reduction: str | None) -> jax.Array:
    """The reduction of a Keras loss object: "none", "sum", or the mean."""
    if reduction in (None, "none"):
        return losses
    return jnp.sum(losses) if reduction == "sum" else jnp.mean(losses)


def kl_divergence(y_true: jax.Array, y_pred: jax.Array) -> jax.Array:
    """`keras.losses.kl_divergence`, with both sides clipped to [1e-7, 1]."""
    y_true, y_pred = jnp.clip(y_true, 1e-7, 1), jnp.clip(y_pred, 1e-7, 1)
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)
