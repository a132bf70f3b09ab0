"""When two results are the same.

A value may be off by a few units in the last place of its dtype, by the rounding of sums as large
as the largest value of the array, and by what TensorFlow's own result moves when the inputs move by
one unit in the last place. Integers, NaN, infinities, dtypes and shapes must agree exactly; without
x64, JAX has the 32-bit type where TensorFlow has the 64-bit one.
"""
# pyright: basic

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NARROW = {"int64": "int32", "float64": "float32", "uint64": "uint32", "complex128": "complex64"}
EPS = {"float32": 2.0**-23, "complex64": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
ULPS = {"float32": 16, "complex64": 16, "float16": 8, "bfloat16": 4}
"""How many units in the last place rounding alone may explain."""
MOVES = 8
"""How many times the change that one unit in the last place of the inputs makes."""
GRADIENT = 4
"""Gradients go through twice the operations, some of them ill-conditioned."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: dtype, shape, count, values, finite. `where`: a mask over the array, for values."""

    kind: str
    message: str
    where: np.ndarray | None = None


def compare(
    expected: np.ndarray, actual: np.ndarray, change: np.ndarray | None, factor: float = 1.0,
    relative: float = 0.0,
) -> Difference | None:  # fmt: skip
    """None where they agree. `change` is what TensorFlow's result moves by; `relative` widens the
    tolerance by that part of the largest value."""
    dtype = NARROW.get(str(expected.dtype), str(expected.dtype))
    if str(actual.dtype) != dtype:
        return Difference("dtype", f"dtype {actual.dtype}, TensorFlow gives {expected.dtype}")
    if expected.shape != actual.shape:
        return Difference("shape", f"shape {actual.shape}, TensorFlow gives {expected.shape}")
    if dtype not in EPS:
        wrong = expected.astype(actual.dtype) != actual
        return _values(expected, actual, wrong, "") if wrong.any() else None
    wide = np.complex128 if dtype.startswith("complex") else np.float64
    a, b = expected.astype(wide), actual.astype(wide)
    limit = float(np.finfo(np.float32).max) if dtype in ("float32", "complex64") else np.inf
    a = np.where(np.abs(a) > limit, np.sign(a) * np.inf, a) if wide is np.float64 else a
    finite = np.isfinite(a)
    odd = (finite != np.isfinite(b)) | (np.isnan(a) != np.isnan(b))
    # Of a complex number that is infinite and has a NaN, the other part says nothing.
    odd |= np.isinf(a) & np.isinf(b) & (a != b) & ~np.isnan(a)
    if odd.any():
        return Difference("finite", _first("NaN or infinity", a, b, odd), odd)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(np.where(finite, a - b, 0))
    scale = float(np.max(np.abs(a[finite]), initial=0.0))
    eps = EPS[dtype]
    allowed = eps * (ULPS[dtype] * np.abs(np.where(finite, a, 0)) + 4 * scale) * factor
    allowed = allowed + relative * max(1.0, scale) + 2.0**-126
    if change is not None and change.shape == a.shape and change.size:
        allowed = allowed + MOVES * factor * float(np.max(change))
    wrong = error > allowed
    if not wrong.any():
        return None
    worst = float(
        np.max(error[wrong] / (eps * np.maximum(np.abs(a[wrong]), scale * 2.0**-10 + 1e-30)))
    )
    return _values(expected, actual, wrong, f", by up to {worst:.3g} ulp")


def _values(a: np.ndarray, b: np.ndarray, wrong: np.ndarray, how: str) -> Difference:
    return Difference("values", _first("values", a, b, wrong) + how, wrong)


def _first(what: str, a: np.ndarray, b: np.ndarray, wrong: np.ndarray) -> str:
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f" at {list(at)}" if at else ""
    count = f" ({int(wrong.sum())} of {wrong.size} differ)" if wrong.size > 1 else ""
    return f"{what}: {b[at]!s}, TensorFlow gives {a[at]!s}{place}{count}"


def change_of(base: list[np.ndarray], moved: list[list[np.ndarray]]) -> list[np.ndarray | None]:
    """How far each leaf moved, over several runs."""
    changes: list[np.ndarray | None] = []
    for i, leaf in enumerate(base):
        if str(leaf.dtype) not in EPS and str(leaf.dtype) not in ("float64", "complex128"):
            changes.append(None)
            continue
        wide = np.complex128 if leaf.dtype.kind == "c" else np.float64
        total = np.zeros(leaf.shape)
        for run in moved:
            if i < len(run) and run[i].shape == leaf.shape:
                with np.errstate(invalid="ignore", over="ignore"):
                    step = np.abs(run[i].astype(wide) - leaf.astype(wide))
                total = np.maximum(total, np.nan_to_num(step, nan=0.0, posinf=0.0))
        changes.append(total)
    return changes
