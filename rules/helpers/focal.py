"""The focal loss of tensorflow_addons."""

import jax
import jax.numpy as jnp
import optax

from .crossentropy import binary_crossentropy


def sigmoid_focal_crossentropy(
    y_true: jax.Array,
    y_pred: jax.Array,
    alpha: float | None = 0.25,
    gamma: float | None = 2.0,
    from_logits: bool = False,
) -> jax.Array:
    """`tfa.losses.sigmoid_focal_crossentropy`: easy samples count less; sums over the last axis."""
    y_true = jnp.asarray(y_true, y_pred.dtype)
    if from_logits:
        losses, probability = (
            optax.sigmoid_binary_cross_entropy(y_pred, y_true),
            jax.nn.sigmoid(y_pred),
        )
    else:
        losses, probability = binary_crossentropy(y_true, y_pred), y_pred
    if alpha:
        losses *= y_true * alpha + (1 - y_true) * (1 - alpha)
    if gamma:
        losses *= (1 - y_true * probability - (1 - y_true) * (1 - probability)) ** gamma
    return jnp.sum(losses, axis=-1)
