"""Adafactor as Keras computes it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax


def adafactor(
    learning_rate: float | Callable[[Any], Any],
    beta_2_decay: float = -0.8,
    epsilon_1: float = 1e-30,
    epsilon_2: float = 1e-3,
    clip_threshold: float = 1.0,
) -> optax.GradientTransformation:
    """`keras.optimizers.Adafactor`: other than `optax.adafactor`, the step size is bounded by
    `1 / sqrt(step)`, and small matrices are factored, too."""
    rate_of = learning_rate if callable(learning_rate) else lambda step: learning_rate

    def root_mean_square(x: jax.Array) -> jax.Array:
        return jnp.sqrt(jnp.mean(x**2))

    def init(params: optax.Params) -> optax.OptState:
        def moments(p: jax.Array) -> tuple[jax.Array, jax.Array]:
            if p.ndim < 2:
                return jnp.zeros_like(p), jnp.zeros(())
            return jnp.zeros_like(p[..., 0]), jnp.zeros_like(p[..., 0, :])

        return jnp.zeros((), jnp.int32), [moments(p) for p in jax.tree.leaves(params)]

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        step, moments = state
        count = (step + 1).astype(jnp.float32)
        rate = jnp.minimum(rate_of(step), 1 / jnp.sqrt(count))
        b2 = 1 - count**beta_2_decay

        def change(
            g: jax.Array, w: jax.Array, r: jax.Array, c: jax.Array
        ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
            square = g**2 + epsilon_1
            if g.ndim < 2:
                r = v = b2 * r + (1 - b2) * square
            else:
                r = b2 * r + (1 - b2) * jnp.mean(square, axis=-1)
                c = b2 * c + (1 - b2) * jnp.mean(square, axis=-2)
                v = (r / jnp.mean(r, axis=-1, keepdims=True))[..., None] * c[..., None, :]
            u = g / jnp.sqrt(v)
            u = u / jnp.maximum(1.0, root_mean_square(u) / clip_threshold)
            return -jnp.maximum(epsilon_2, root_mean_square(w)) * rate * u, (r, c)

        gradients, structure = jax.tree.flatten(updates)
        weights = jax.tree.leaves(params)
        changes = [change(g, w, *m) for g, w, m in zip(gradients, weights, moments, strict=True)]
        return structure.unflatten([u for u, _ in changes]), (step + 1, [m for _, m in changes])

    return optax.GradientTransformation(init, update)
