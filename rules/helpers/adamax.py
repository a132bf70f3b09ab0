"""Adamax as Keras computes it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def adamax(
    learning_rate: float | Callable[[Any], Any],
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-7,
) -> optax.GradientTransformation:
    """`keras.optimizers.Adamax`: other than in `optax.adamax`, `eps` is no part of the largest
    gradient."""

    def init(params: optax.Params) -> optax.OptState:
        zeros = optax.tree.zeros_like(params)
        return jnp.zeros((), jnp.int32), zeros, zeros

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        step, m, u = state
        step = step + 1
        m = optax.tree.update_moment(updates, m, b1, 1)
        u = jax.tree.map(lambda u, g: jnp.maximum(b2 * u, jnp.abs(g)), u, updates)
        scale = 1 / (1 - jnp.float32(b1) ** step)
        return jax.tree.map(lambda m, u: scale * m / (u + eps), m, u), (step, m, u)

    return optax.chain(
        optax.GradientTransformation(init, update), optax.scale_by_learning_rate(learning_rate)
    )
