"""Randomness disabled on the JAX side, as `oracle_randomness` disables it in TensorFlow."""
# pyright: basic

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

from .draws import drawn
from .oracle_randomness import NOISE_LAYERS


def disable_masks() -> None:
    """Every mask that `jax.random.bernoulli` draws keeps everything: those of `nnx.Dropout`, of
    attention and of translated functions. Called before the target is imported."""
    import jax
    import jax.numpy as jnp

    def bernoulli(key: Any, p: Any = 0.5, shape: Any = None, *rest: Any, **more: Any) -> Any:
        return jnp.ones(jnp.shape(p) if shape is None else shape, bool)

    jax.random.bernoulli = bernoulli


def replace_draws() -> None:
    """Every float that the translation draws is one of `draws.py`. Called before the target is
    imported."""
    import jax
    import jax.numpy as jnp

    def array(kind: Any, shape: Any, dtype: Any) -> Any:
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        return jnp.asarray(drawn(kind, sizes), jnp.result_type(float) if dtype is None else dtype)

    def normal(key: Any, shape: Any = (), dtype: Any = None, **_: Any) -> Any:
        return array("normal", shape, dtype)

    def uniform(
        key: Any,
        shape: Any = (),
        dtype: Any = None,
        minval: Any = 0.0,
        maxval: Any = 1.0,
        **_: Any,
    ) -> Any:
        found = array("uniform", shape, dtype)
        low, high = jnp.asarray(minval, found.dtype), jnp.asarray(maxval, found.dtype)
        return found * (high - low) + low

    def truncated(
        key: Any, lower: Any, upper: Any, shape: Any = (), dtype: Any = None, **_: Any
    ) -> Any:
        return jnp.clip(array("truncated", shape or (), dtype), lower, upper)

    jax.random.normal, jax.random.uniform = normal, uniform
    jax.random.truncated_normal = truncated


def disable_noise(paths: tuple[str, ...]) -> None:
    """The noise of the noise layers of the helper module that outputs carry is one standard
    deviation everywhere. Called after the import of the target; `paths` are its folders."""
    from flax import nnx

    roots = [Path(p).resolve() for p in paths]
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not any(r in Path(file).resolve().parents for r in roots):
            continue
        for name in NOISE_LAYERS:
            layer = getattr(module, name, None)
            if isinstance(layer, type) and issubclass(layer, nnx.Module):
                layer.__call__ = _steady(layer.__call__)  # type: ignore[method-assign]


def _steady(call: Any) -> Any:
    import jax
    import jax.numpy as jnp

    def normal(key: Any, shape: Any = (), dtype: Any = float, **_: Any) -> Any:
        return jnp.ones(shape, dtype)

    @functools.wraps(call)
    def steady(*args: Any, **kwargs: Any) -> Any:
        drawn, jax.random.normal = jax.random.normal, normal
        try:
            return call(*args, **kwargs)
        finally:
            jax.random.normal = drawn

    return steady
