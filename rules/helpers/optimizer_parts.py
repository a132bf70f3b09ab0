"""What all optimizers of Keras can do with gradients and weights."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def clip_each_by_norm(max_norm: float) -> optax.GradientTransformation:
    """`clipnorm` of Keras optimizers: scales every gradient of a norm above `max_norm`."""

    def clip(gradient: jax.Array) -> jax.Array:
        return gradient * max_norm / jnp.maximum(jnp.linalg.norm(gradient), max_norm)

    return optax.stateless(lambda updates, _: jax.tree.map(clip, updates))


def decay_weights(
    learning_rate: float | Callable[[Any], Any], weight_decay: float
) -> optax.GradientTransformation:
    """`weight_decay` of Keras optimizers: takes that part of a weight, times the learning rate,
    off after the step."""
    if callable(learning_rate):
        return optax.add_decayed_weights(lambda step: -learning_rate(step) * weight_decay)
    return optax.add_decayed_weights(-learning_rate * weight_decay)


def decayed_rate(learning_rate: float | Callable[[Any], Any], decay: float) -> Callable[[Any], Any]:
    """`decay` of Keras' legacy optimizers: the rate falls as `1 / (1 + decay * step)`."""
    rate_of = learning_rate if callable(learning_rate) else lambda step: learning_rate
    return lambda step: rate_of(step) / (1 + decay * step)
