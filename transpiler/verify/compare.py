"""Compares arrays of the two sides leaf by leaf. Needs numpy: for the workers."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .result import Comparison, LeafReport
from .sampling import eps_of, is_float

_NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}
_KEPT_FAILURES = 100
ToleranceOf = Callable[[float, float, int], float]


def dtype_fits(source: str, target: str, *, x64: bool) -> bool:
    """Without x64, JAX's 32-bit types stand for TensorFlow's 64-bit ones."""
    return source == target or (not x64 and _NARROW.get(source) == target)


def compare_leaf(
    path: str,
    source: Any,
    target: Any,
    tolerance_of: ToleranceOf,
    *,
    x64: bool = False,
    run: int = 0,
    draw: int = 0,
) -> LeafReport:
    """`tolerance_of(eps, scale, size)` for float leaves; other dtypes must be equal."""
    s, t = np.asarray(source), np.asarray(target)
    place = {"path": path, "run": run, "draw": draw, "shape": s.shape, "dtype": s.dtype.name}
    if s.shape != t.shape:
        text = f"source gives {list(s.shape)}, target {list(t.shape)}"
        return LeafReport(**place, verdict="fail", reason="shape", message=text)
    if not dtype_fits(s.dtype.name, t.dtype.name, x64=x64):
        text = f"source gives {s.dtype.name}, target {t.dtype.name}"
        return LeafReport(**place, verdict="fail", reason="dtype", message=text)
    if s.size == 0:
        return LeafReport(**place, verdict="pass")
    inexact = is_float(t.dtype) or t.dtype.kind == "c"
    wide = np.complex128 if t.dtype.kind == "c" else np.float64
    if not inexact:
        return _exact(place, s, t)
    a, b = s.astype(wide), t.astype(wide)
    nan_a, nan_b = np.isnan(a), np.isnan(b)
    with np.errstate(invalid="ignore"):
        error = np.where(a == b, 0.0, np.abs(a - b))  # equal infinities differ by nothing
    error = np.where(nan_a & nan_b, 0.0, np.where(np.isnan(error), np.inf, error))
    finite = np.abs(a[np.isfinite(a)])
    scale = float(finite.max()) if finite.size else 0.0
    eps_dtype = np.real(t).dtype if t.dtype.kind == "c" else t.dtype
    limit = tolerance_of(eps_of(eps_dtype), scale, s.size)
    place |= _worst(error, a, b, scale) | {"tolerance": limit}
    if place["max_error"] > limit:
        return LeafReport(**place, verdict="fail", reason="value")
    if nan_a.any():
        text = f"NaN on both sides in {int(nan_a.sum())} of {a.size} values"
        return LeafReport(**place, verdict="inconclusive", reason="nan", message=text)
    return LeafReport(**place, verdict="pass")


def _exact(place: dict[str, Any], s: Any, t: Any) -> LeafReport:
    error = np.where(s == t, 0.0, np.maximum(np.abs(s.astype(float) - t.astype(float)), 1e-300))
    place |= _worst(error, s, t, float(np.abs(s.astype(float)).max()))
    if not place["max_error"]:
        return LeafReport(**place, verdict="pass")
    text = f"{int((error > 0).sum())} of {s.size} values differ"
    return LeafReport(**place, verdict="fail", reason="value", message=text)


def _worst(error: Any, a: Any, b: Any, scale: float) -> dict[str, Any]:
    index = np.unravel_index(int(np.argmax(error)), error.shape)
    largest = float(error[index])
    return {
        "max_error": largest,
        "relative_error": largest / scale if scale else float(largest > 0),
        "index": tuple(int(i) for i in index),
        "source_value": float(np.real(a[index])),
        "target_value": float(np.real(b[index])),
    }


def summarise(reports: Iterable[LeafReport], message: str = "") -> Comparison:
    """One verdict over leaves: fail before inconclusive before pass."""
    leaves = list(reports)
    bad = sorted((r for r in leaves if r.verdict != "pass"), key=lambda r: -r.badness)
    worst = max(leaves, key=lambda r: r.badness, default=None)
    failed = any(r.verdict == "fail" for r in bad)
    verdict = "fail" if failed else "inconclusive" if bad else "pass"
    passed = len(leaves) - len(bad)
    return Comparison(verdict, len(leaves), passed, worst, tuple(bad[:_KEPT_FAILURES]), message)
