"""Nadam as Keras computes it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def nadam(
    learning_rate: float | Callable[[Any], Any],
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-7,
) -> optax.GradientTransformation:
    """`keras.optimizers.Nadam`: other than in `optax.nadam`, the momentum follows a schedule."""

    def momentum(step: jax.Array) -> jax.Array:
        return b1 * (1 - 0.5 * jnp.float32(0.96) ** step)

    def init(params: optax.Params) -> optax.OptState:
        zeros = optax.tree.zeros_like(params)
        return jnp.zeros((), jnp.int32), jnp.ones(()), zeros, zeros

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        step, product, m, v = state
        step = step + 1
        now, after = momentum(step), momentum(step + 1)
        product = product * now
        m = optax.tree.update_moment(updates, m, b1, 1)
        v = optax.tree.update_moment(updates, v, b2, 2)
        of_m, of_g = after / (1 - product * after), (1 - now) / (1 - product)
        correction = 1 - jnp.float32(b2) ** step
        updates = jax.tree.map(
            lambda g, m, v: (of_m * m + of_g * g) / (jnp.sqrt(v / correction) + eps),
            updates,
            m,
            v,
        )
        return updates, (step, product, m, v)

    return optax.chain(
        optax.GradientTransformation(init, update), optax.scale_by_learning_rate(learning_rate)
    )
