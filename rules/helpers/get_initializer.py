"""`keras.initializers.get` for initializers that are known only when the model is built."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

_Initializer = Callable[..., jax.Array]


def _uniform_initializer(
    key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
) -> jax.Array:
    return jax.random.uniform(key, shape, dtype, minval=-0.05, maxval=0.05)


def _identity_initializer(
    key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
) -> jax.Array:
    return jnp.eye(*shape, dtype=dtype)


def _by_fans(make: Callable[..., _Initializer]) -> _Initializer:
    """Keras takes the size of a vector for both its fans, which is that of no axis in JAX."""

    def init(
        key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32, **_: Any
    ) -> jax.Array:
        axes = {"in_axis": (), "out_axis": ()} if len(shape) < 2 else {}
        return make(**axes)(key, shape, dtype)

    return init


_INITIALIZERS: dict[str, _Initializer] = {
    "constant": jax.nn.initializers.zeros,
    "glorot_normal": _by_fans(jax.nn.initializers.glorot_normal),
    "glorot_uniform": _by_fans(jax.nn.initializers.glorot_uniform),
    "he_normal": _by_fans(jax.nn.initializers.he_normal),
    "he_uniform": _by_fans(jax.nn.initializers.he_uniform),
    "identity": _identity_initializer,
    "lecun_normal": _by_fans(jax.nn.initializers.lecun_normal),
    "lecun_uniform": _by_fans(jax.nn.initializers.lecun_uniform),
    "normal": jax.nn.initializers.normal(0.05),
    "one": jax.nn.initializers.ones,
    "ones": jax.nn.initializers.ones,
    "orthogonal": jax.nn.initializers.orthogonal(),
    "random_normal": jax.nn.initializers.normal(0.05),
    "random_uniform": _uniform_initializer,
    "truncated_normal": jax.nn.initializers.truncated_normal(0.05),
    "uniform": _uniform_initializer,
    "variance_scaling": _by_fans(jax.nn.initializers.lecun_normal),
    "zero": jax.nn.initializers.zeros,
    "zeros": jax.nn.initializers.zeros,
}


def get_initializer(initializer: str | _Initializer | None) -> _Initializer:
    """The JAX initializer for a Keras name ("he_normal", "HeNormal"); others as they are. For None,
    the one that Keras takes where a layer has none."""
    if initializer is None:
        return _INITIALIZERS["glorot_uniform"]
    if callable(initializer):
        return initializer
    name = "".join("_" + c.lower() if c.isupper() else c for c in initializer).lstrip("_")
    if name not in _INITIALIZERS:
        raise ValueError(f"unknown initializer: {initializer!r}")
    return _INITIALIZERS[name]
