"""Keras initializers without a counterpart in JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def uniform_initializer(minval: float = -0.05, maxval: float = 0.05) -> Callable[..., jax.Array]:
    """`keras.initializers.RandomUniform`."""

    def init(
        key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
    ) -> jax.Array:
        return jax.random.uniform(key, shape, dtype, minval, maxval)

    return init


def identity_initializer(gain: float = 1.0) -> Callable[..., jax.Array]:
    """`keras.initializers.Identity`, for matrices."""

    def init(
        key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
    ) -> jax.Array:
        return gain * jnp.eye(*shape, dtype=dtype)

    return init


def shifted_initializer(
    initializer: Callable[..., jax.Array], mean: float
) -> Callable[..., jax.Array]:
    """The values of an initializer around `mean`, not zero."""

    def init(
        key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
    ) -> jax.Array:
        return mean + initializer(key, shape, dtype)

    return init
