"""FTRL, which Optax does not have."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def ftrl(
    learning_rate: float | Callable[[Any], Any],
    learning_rate_power: float = -0.5,
    initial_accumulator_value: float = 0.1,
    l1: float = 0.0,
    l2: float = 0.0,
    l2_shrinkage: float = 0.0,
    beta: float = 0.0,
) -> optax.GradientTransformation:
    """`keras.optimizers.Ftrl`: "follow the regularized leader"."""
    rate_of = learning_rate if callable(learning_rate) else lambda step: learning_rate

    def init(params: optax.Params) -> optax.OptState:
        accumulators = jax.tree.map(lambda p: jnp.full_like(p, initial_accumulator_value), params)
        return jnp.zeros((), jnp.int32), accumulators, optax.tree.zeros_like(params)

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        step, accumulators, linears = state
        rate = rate_of(step)

        def grown(n: jax.Array, g: jax.Array) -> jax.Array:
            return n + g**2

        def moved(z: jax.Array, n: jax.Array, g: jax.Array, w: jax.Array) -> jax.Array:
            power = -learning_rate_power
            sigma = ((n + g**2) ** power - n**power) / rate
            return z + g + 2 * l2_shrinkage * w - sigma * w

        def change(z: jax.Array, n: jax.Array, w: jax.Array) -> jax.Array:
            quadratic = n**-learning_rate_power / rate + 2 * (l2 + beta / (2 * rate))
            return (jnp.clip(z, -l1, l1) - z) / quadratic - w

        linears = jax.tree.map(moved, linears, accumulators, updates, params)
        accumulators = jax.tree.map(grown, accumulators, updates)
        updates = jax.tree.map(change, linears, accumulators, params)
        return updates, (step + 1, accumulators, linears)

    return optax.GradientTransformation(init, update)
