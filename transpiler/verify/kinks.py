"""Tells a gradient that jumps at a point (a gate that rounding opens) from one that is wrong there.

Where the two sides differ in one draw and agree in another, either rounding puts them on two sides
of a kink, or the wrong part of the gradient is not reached in the other draw (a branch on data). At
a kink the gradient of the translation itself moves by about the difference, at the value that is
worst, as soon as weights and inputs move by a few units in the last place.
"""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .result import LeafReport
from .sampling import thin

UNITS = (2.0, 8.0, 32.0)
SEEDS = 4
SLIGHT = 10.0
"""Tolerances: what differs by less in one draw, and agrees in another, is rounding of an unlucky
draw, as the tolerance is measured with three seeds."""
SHARE = 0.25
"""Of the difference: a jump that is as large explains it; several gates may add up to it."""
Near = Callable[[int, float], Mapping[str, Any]]
"""Gradients by name near the point: of a seed, and so many units away."""


def jumping(near: Near, suspects: Mapping[str, LeafReport]) -> set[str]:
    """Those of the `suspects`, failures at a point by name, that jump there or differ by little."""
    left = {name: report for name, report in suspects.items() if report.badness > SLIGHT}
    if not left:
        return set(suspects)
    base = near(0, 0.0)
    at_point = {name: _worst(report, base[name]) for name, report in left.items()}
    for seed in range(1, SEEDS + 1):
        for units in UNITS:
            if not left:
                break
            moved = near(seed, units)
            for name, report in list(left.items()):
                step = abs(_worst(report, moved[name]) - at_point[name])
                if not step < SHARE * report.max_error:  # NaN beside a kink is one, too
                    del left[name]
    return set(suspects) - set(left)


def kept_of(value: Any, run: int, draw: int) -> Any:
    """What is compared of a gradient: all of the first one, part of large others."""
    return value if run == draw == 0 else thin(value)


def _worst(report: LeafReport, value: Any) -> float:
    """The value where the report has its largest error."""
    return float(np.asarray(kept_of(value, report.run, report.draw))[report.index])
