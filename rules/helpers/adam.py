"""Adam as Keras computes it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def scale_by_adam(
    b1: float = 0.9, b2: float = 0.999, eps: float = 1e-7, amsgrad: bool = False
) -> optax.GradientTransformation:
    """As `optax.scale_by_adam`, with `eps` outside of the bias correction."""

    def init(params: optax.Params) -> optax.OptState:
        zeros = optax.tree.zeros_like(params)
        return jnp.zeros((), jnp.int32), zeros, zeros, zeros

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        step, m, v, largest = state
        step = step + 1
        m = optax.tree.update_moment(updates, m, b1, 1)
        v = optax.tree.update_moment(updates, v, b2, 2)
        largest = jax.tree.map(jnp.maximum, largest, v) if amsgrad else v
        scale = jnp.sqrt(1 - jnp.float32(b2) ** step) / (1 - jnp.float32(b1) ** step)
        updates = jax.tree.map(lambda m, v: scale * m / (jnp.sqrt(v) + eps), m, largest)
        return updates, (step, m, v, largest)

    return optax.GradientTransformation(init, update)


def adam(
    learning_rate: float | Callable[[Any], Any],
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-7,
    amsgrad: bool = False,
) -> optax.GradientTransformation:
    """`keras.optimizers.Adam`: other than `optax.adam`, `eps` is outside of the bias correction."""
    return optax.chain(
        scale_by_adam(b1, b2, eps, amsgrad), optax.scale_by_learning_rate(learning_rate)
    )


def adamw(
    learning_rate: float | Callable[[Any], Any],
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-7,
    weight_decay: float = 0.004,
    amsgrad: bool = False,
) -> optax.GradientTransformation:
    """`keras.optimizers.AdamW`: other than `optax.adamw`, `eps` is outside of the bias
    correction."""
    return optax.chain(
        scale_by_adam(b1, b2, eps, amsgrad),
        optax.add_decayed_weights(weight_decay),
        optax.scale_by_learning_rate(learning_rate),
    )
