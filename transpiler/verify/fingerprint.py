"""A few numbers that tell an array from others, whatever its layout. For the workers."""
# pyright: basic

from __future__ import annotations

from typing import Any

import numpy as np

from .sampling import is_float

SAMPLES = 16
CLOSE = 1e-5
"""Relative to the root mean square: some 80 units of rounding in single precision."""
HUGE = 9e3


def fingerprint(value: Any) -> dict[str, Any] | None:
    """Shape, moments and samples of a float array; None for one that tells nothing (no floats, a
    single value, constant). What is not finite is counted, and is 0 in the rest; so is what masks
    put in the place of values (-1e9), beside which all others would look alike."""
    array = np.asarray(value)
    if not is_float(array.dtype) or array.size < 2:
        return None
    flat = array.reshape(-1).astype(np.float64)
    counts = [int(test.sum()) for test in (np.isnan(flat), flat >= HUGE, flat <= -HUGE)]
    flat = np.where(np.abs(flat) < HUGE, flat, 0.0)
    low, high = float(flat.min()), float(flat.max())
    if low == high and not any(counts):
        return None
    rms = float(np.sqrt(np.mean(flat * flat)))
    moments = [low, high, float(flat.mean()), float(np.abs(flat).mean()), rms]
    places = np.linspace(0, flat.size - 1, SAMPLES).astype(np.int64)
    return {
        "shape": list(array.shape),
        "size": int(array.size),
        "infinite": counts,
        "moments": moments,
        "sample": flat[places].tolist(),
    }


def distance(a: dict[str, Any], b: dict[str, Any]) -> float:
    """The largest difference of two arrays of one size, relative to their root mean square: of the
    moments, and of the samples where the shapes are equal (but for axes of size 1)."""
    if a["infinite"] != b["infinite"]:
        return float("inf")
    scale = max(a["moments"][4], b["moments"][4])
    worst = _largest(a["moments"], b["moments"])
    if _long(a["shape"]) == _long(b["shape"]):
        worst = max(worst, _largest(a["sample"], b["sample"]))
    return worst / scale if scale else 0.0


def _long(shape: list[int]) -> list[int]:
    return [size for size in shape if size != 1]


def _largest(a: list[float], b: list[float]) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))
