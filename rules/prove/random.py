"""Random results: both sides are drawn many times, and their distributions compared.

The two-sample test of Kolmogorov and Smirnov, over all elements and for the first few places one
by one. Seeds are fixed, so that a case passes always or never. What it cannot see is how elements
depend on each other.
"""
# pyright: basic

from __future__ import annotations

import numpy as np

from .case import Case
from .source import run_source
from .target import draws

CALLS = 200
PLACES = 6
LEVEL = 2.3
"""The largest difference, in units of sqrt((n + m) / (n m)): by chance in one of 20,000 tests."""


def differing(case: Case, code: str) -> str | None:
    """How the distributions differ; None where they agree. Raises what either side raises."""
    import tensorflow as tf

    tf.random.set_seed(7)
    first = [run_source(case, case.arrays, False).outputs for _ in range(CALLS)]
    second = draws(case, code, CALLS)
    for leaf in range(len(first[0])):
        a, b = _numbers([outputs[leaf] for outputs in first], [o[leaf] for o in second])
        fixed = [bool((x == x[0]).all()) for x in (a, b)]
        if fixed[0] != fixed[1]:
            return f"each run gives the same {'for TensorFlow' if fixed[0] else 'for JAX'} only"
        places = [(f" at place {i}", a[:, i], b[:, i]) for i in range(min(PLACES, a.shape[1]))]
        # With the seed among the arguments one run is all there is.
        pairs = [("", a[0], b[0])] if fixed[0] else [("", a, b), *places]
        for where, x, y in pairs:
            found = distance(x.reshape(-1), y.reshape(-1))
            if found > LEVEL:
                return (
                    f"the distribution{where}: mean {y.mean():.3g}, deviation {y.std():.3g}; "
                    f"TensorFlow's: mean {x.mean():.3g}, deviation {x.std():.3g} "
                    f"(Kolmogorov-Smirnov {found:.1f})"
                )
    return None


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of the distribution functions, in units of sqrt((n + m) / (n m))."""
    if not a.size or not b.size:
        return 0.0
    both = np.concatenate([a, b])
    left = np.searchsorted(np.sort(a), both, side="right") / a.size
    right = np.searchsorted(np.sort(b), both, side="right") / b.size
    return float(np.max(np.abs(left - right)) / np.sqrt((a.size + b.size) / (a.size * b.size)))


def _numbers(*sides: list[np.ndarray]) -> list[np.ndarray]:
    """A row for each run, without the rounding of single values: both sides on one grid."""
    stacked = [np.stack(runs).astype(np.float64).reshape(len(runs), -1) for runs in sides]
    values = np.concatenate([rows.reshape(-1) for rows in stacked])
    scale = float(np.max(np.abs(values[np.isfinite(values)]), initial=1e-30))
    return [
        np.nan_to_num(np.round(rows / scale, 4) * scale, posinf=1e30, neginf=-1e30)
        for rows in stacked
    ]
