"""Arrays for input specs and noise, from fixed seeds. Needs numpy: for the workers."""
# pyright: basic

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np

from .specs import ArraySpec

EDGES = 1000
"""The draw from which on values are edge values."""


def np_dtype(name: str) -> np.dtype[Any]:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def sample(spec: ArraySpec, name: str, sizes: Mapping[str, int], draw: int) -> Any:
    """The array of a spec for the input `name`; another `draw` gives other values, those from EDGES
    on edge values: see `_edges`."""
    shape, dtype = spec.shape(sizes), np_dtype(spec.dtype)
    seed = zlib.crc32(name.encode()) % (1 << 20) + sum(shape)
    r = np.random.RandomState(seed + 7919 * min(draw, EDGES))
    array = _filled(spec, shape, dtype, r)
    return array if draw < EDGES else _edges(spec, array, r, displaced=draw > EDGES)


def _filled(spec: ArraySpec, shape: tuple[int, ...], dtype: Any, r: np.random.RandomState) -> Any:
    match spec.fill:
        case "normal":
            return r.randn(*shape).astype(dtype) if shape else dtype.type(r.randn())
        case "uniform":
            return np.asarray(r.rand(*shape)).astype(dtype)
        case "integer":
            return np.asarray(r.randint(0, spec.high, shape)).astype(dtype)
        case "bool":
            drawn = np.asarray(r.rand(*shape)) > 0.5
            if len(shape) > 1 and shape[-1]:  # a mask: no row is empty
                drawn[..., 0] |= ~drawn.any(axis=-1)
            return drawn
        case "ones":
            return np.ones(shape, dtype)
        case "zeros":
            return np.zeros(shape, dtype)


def _edges(spec: ArraySpec, array: Any, r: np.random.RandomState, *, displaced: bool) -> Any:
    """Among the values of an array zeros, large and small ones (of both signs where it has them);
    the ends of the range of integers; rows that end in zeros, as padding and masks do.

    `displaced`: the same, floats moved a little: what differs at a kink alone is equal there.
    """
    x = np.asarray(array)
    kind = r.rand(*x.shape)
    match spec.fill:
        case "normal":
            sizes = np.select([kind < 0.2, kind < 0.3, kind < 0.4], [0.0, 1e-3, 30.0], 1.0)
            found = x.astype(np.float64) * sizes
            found += 1e-3 * r.randn(*x.shape) if displaced else 0.0
        case "uniform":
            found = np.where(kind < 0.2, 0.0, x.astype(np.float64))
            found += 1e-3 * r.rand(*x.shape) * (found < 0.9) if displaced else 0.0
        case "integer":
            ends = np.where(kind < 0.2, spec.high - 1, np.where(kind < 0.4, 0, x))
            found = ends * _prefixes(x.shape, r)
        case "bool":
            found = (kind < 0.8) & _prefixes(x.shape, r)
        case _:
            return array
    return np.asarray(found).astype(x.dtype)


def _prefixes(shape: tuple[int, ...], r: np.random.RandomState) -> Any:
    """True up to a place in each row; the first row is whole, and no row is empty."""
    if len(shape) < 2 or not shape[-1]:
        return np.ones(shape, bool)
    ends = r.randint(1, shape[-1] + 1, shape[:-1])
    ends.reshape(-1)[:1] = shape[-1]
    return np.arange(shape[-1]) < ends[..., np.newaxis]


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


def ulp_noise(value: Any, seed: int, units: float = 1.0) -> Any:
    """The value with relative noise of up to so many units in the last place.

    Zeros and ones stay: they may be masks, of which 1e9 * (1 - mask) would make anything.
    """
    r = np.random.default_rng([seed, 41])
    x = np.asarray(value)
    noise = units * eps_of(x.dtype) * r.uniform(-1.0, 1.0, x.shape)
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
