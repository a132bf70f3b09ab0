"""Arrays for input specs and noise, from fixed seeds. Needs numpy: for the workers."""
# pyright: basic

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np

from .specs import ArraySpec


def np_dtype(name: str) -> np.dtype[Any]:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def sample(spec: ArraySpec, text: str, sizes: Mapping[str, int], draw: int) -> Any:
    """The array of a spec; another `draw` gives other values."""
    shape, dtype = spec.shape(sizes), np_dtype(spec.dtype)
    r = np.random.RandomState(len(text) + sum(shape) + 7919 * draw)
    match spec.fill:
        case "normal":
            return r.randn(*shape).astype(dtype) if shape else dtype.type(r.randn())
        case "uniform":
            return np.asarray(r.rand(*shape)).astype(dtype)
        case "integer":
            return np.asarray(r.randint(0, spec.high, shape)).astype(dtype)
        case "bool":
            return np.asarray(r.rand(*shape)) > 0.5
        case "ones":
            return np.ones(shape, dtype)
        case "zeros":
            return np.zeros(shape, dtype)


def is_float(dtype: Any) -> bool:
    return np.dtype(dtype).kind == "f" or np.dtype(dtype) == np.dtype(ml_dtypes.bfloat16)


def eps_of(dtype: Any) -> float:
    return float(ml_dtypes.finfo(dtype).eps)


def noisy_start(value: Any, seed: int, trained: bool) -> Any:
    """A variable's start value with noise, so that zeros, ones and small scales hide no error.

    Constant arrays get spread (zeros: 0.1 or 1/sqrt(fan in); others a factor), random ones a tenth
    of their own. State that is nowhere negative (moving variances) stays so.
    """
    r = np.random.default_rng([seed, 20220])
    x = np.asarray(value, np.float64)
    noise = r.standard_normal(x.shape)
    spread = float(x.std()) if x.size else 0.0
    low = float(x.min()) if x.size else 0.0
    if spread > 0.0:
        positive = not trained and low > 0.0
        new = x * np.exp(0.1 * noise) if positive else x + 0.1 * spread * noise
    elif abs(low) >= 0.1:
        new = x * np.exp(0.2 * noise)
    else:
        fan_in = int(np.prod(x.shape[:-1])) if x.ndim > 1 else 1
        new = x + min(0.1, fan_in**-0.5) * noise
        new = new if trained or low < 0.0 else np.abs(new)
    return new.astype(value.dtype)


def one_ulp_noise(value: Any, seed: int) -> Any:
    """The value with relative noise of up to one unit in the last place.

    Zeros and ones stay: they may be masks, of which 1e9 * (1 - mask) would make anything.
    """
    r = np.random.default_rng([seed, 41])
    x = np.asarray(value)
    noise = eps_of(x.dtype) * r.uniform(-1.0, 1.0, x.shape)
    noise = np.where((x == 0) | (x == 1), 0.0, noise)
    return np.asarray(x.astype(np.float64) * (1.0 + noise)).astype(x.dtype)


def cotangent(shape: tuple[int, ...], dtype: Any, index: int) -> Any:
    """The fixed weights of the scalar sum(output * cotangent) whose gradients are compared."""
    r = np.random.default_rng([index, 97])
    # Rounded to float32 first: the same weights in every precision.
    return np.asarray(r.standard_normal(shape)).astype(np.float32).astype(dtype)


def thin(array: Any, limit: int = 1 << 18) -> Any:
    """At most about `limit` elements, evenly taken: what is kept of large repeated gradients."""
    flat = np.asarray(array).reshape(-1)
    return flat if flat.size <= limit else flat[:: flat.size // limit | 1]
