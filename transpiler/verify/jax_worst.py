"""Seeks the point at which the two sides differ most: gradient ascent on the difference.

Both sides give values and, by JAX and by TensorFlow, the gradient of a weighted sum of them; with
the difference as weights, the difference of the gradients is the direction in which it grows. What
moves are float inputs and trained parameters; the values are the outputs, and then the gradients,
whose direction is of second order. A difference that rounding makes has none, so starts count:
drawn values, edge values, large and small ones. What is found is measured as every point is:
against what rounding does there in TensorFlow.

A difference that is gone at most of the points beside it is a jump (rounding, comparison, index,
the kink of a gradient), not an error.
"""
# pyright: basic

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from .compare import compare_leaf, summarise
from .jax_both import Arrays, Both, Kind
from .jax_modes import Measured
from .result import Comparison, LeafReport
from .sampling import is_float
from .tolerance import GRADIENT_FLOOR

STEPS: dict[Kind, int] = {"out": 6, "grad": 3}
CLIMBS: dict[Kind, int] = {"out": 2, "grad": 1}
FACTORS = ((30.0, 1.0), (0.03, 1.0), (1.0, 3.0))
"""Of the inputs and of the parameters, for starts beside those that are recorded."""
SHARE = 0.25
"""Of the time of a worker, for the steps of each search; what is found by then is judged."""
BESIDE, BESIDE_STEP = 4, 1e-4
NAMES: dict[Kind, str] = {"out": "outputs", "grad": "gradients"}


@dataclass
class Point:
    """Arrays, and how far the two sides differ there in units of the value's size."""

    arrays: Arrays
    ratio: float = -1.0
    slopes: Arrays | None = None


def compare_worst(measured: Measured) -> Comparison:
    if measured.exchange is None:
        return Comparison("skipped", message="a search needs TensorFlow")
    both = Both(measured, measured.exchange)
    if not both.free:
        return Comparison("skipped", message="there is no float to move")
    reports, said = Search(both, "out").run()
    if any(report.verdict == "fail" for report in reports):
        return summarise(reports, "; ".join(said))
    if "gradients" not in measured.case.modes or _unavailable(measured):
        said.append("gradients are not compared there")
    elif "errors" not in measured.comparer.oracle["double"]:
        # Terms that cancel: what rounding does to them, noise on weights and inputs does not show.
        said.append("gradients stay: no double precision tells what rounding does to them")
    else:
        more, further = Search(both, "grad").run()
        reports, said = [*reports, *more], [*said, *further]
    if not both.moves_parameters:
        said.append("parameters stay: they are too many to move")
    if not reports:
        return Comparison("skipped", message="; ".join(said))
    return summarise(reports, "; ".join(said))


def _unavailable(measured: Measured) -> bool:
    """Whether one of the sides has no gradients."""
    return any(d["gradient_error"] for d in measured.comparer.oracle["runs"][0]["draws"])


class Search:
    """The search over values of one kind."""

    def __init__(self, both: Both, kind: Kind) -> None:
        self.both = both
        self.kind: Kind = kind
        self.comparer = both.comparer
        self.points = 0
        self.until = time.monotonic() + SHARE * both.measured.case.limits.wall_s

    def run(self) -> tuple[list[LeafReport], list[str]]:
        """What is found, a report for each value, and what is to be said of the search."""
        found: list[Point] = []
        for start in self._starts():
            if not found or time.monotonic() < self.until:
                found.append(self.look(start))
        ranked = sorted((p for p in found if p.ratio >= 0), key=lambda p: -p.ratio)
        if not ranked:
            return [], [f"the source takes none of the points ({NAMES[self.kind]})"]
        climbed = [self._climb(point) for point in ranked[: CLIMBS[self.kind]]]
        worst = max(climbed, key=lambda p: p.ratio)
        reports = self.reports(worst)
        jumps = {r.path for r in reports if r.verdict == "fail"}
        late = ", cut short by the time limit" if time.monotonic() > self.until else ""
        said = [f"{NAMES[self.kind]}: the worst of {self.points} points{late}"]
        if jumps and not self._lasts(worst, jumps):
            reports = [replace(r, verdict="pass") if r.path in jumps else r for r in reports]
            said.append(f"{len(jumps)} {NAMES[self.kind]} jump at the worst point")
        return reports, said

    def _starts(self) -> list[Arrays]:
        first = self.both.start(0)
        runs = self.comparer.oracle["runs"]
        starts = [first, *(self.both.start(n) for n, r in enumerate(runs) if r.get("edges"))]
        for of_inputs, of_parameters in FACTORS:
            scaled = dict(first)
            for key in self.both.free:
                factor = of_inputs if key.startswith("in/") else of_parameters
                scaled[key] = scaled[key] * np.asarray(factor, scaled[key].dtype)
            if any(scaled[key] is not first[key] for key in self.both.free):
                starts.append(self._inside(scaled))
        return starts

    def _inside(self, arrays: Arrays) -> Arrays:
        found = dict(arrays)
        for key, (low, high) in self.both.free.items():
            found[key] = jnp.clip(found[key], low, high).astype(arrays[key].dtype)
        return found

    def look(self, arrays: Arrays) -> Point:
        """The difference at a point, and the direction in which it grows."""
        self.points += 1
        mine = self.both.mine(self.kind, arrays)
        theirs = self.both.theirs(self.kind, arrays)
        if theirs is None:
            return Point(arrays)
        sizes = {name: _size(theirs[f"value/{name}"]) for name in mine}
        least = GRADIENT_FLOOR * max(sizes.values(), default=0.0) if self.kind == "grad" else 0.0
        differences: Arrays = {}
        ratio = 0.0
        for name, value in mine.items():
            expected = theirs[f"value/{name}"]
            if not is_float(value.dtype) or not value.size or expected.shape != value.shape:
                continue
            with np.errstate(invalid="ignore", over="ignore"):
                difference = value.astype(np.float64) - expected.astype(np.float64)
            difference = np.where(np.isfinite(difference), difference, 0.0)
            differences[name] = difference / (max(sizes[name], least) or 1.0)
            ratio = max(ratio, float(np.abs(differences[name]).max()))
        return Point(arrays, ratio, self._slopes(arrays, differences) if ratio else None)

    def _slopes(self, arrays: Arrays, differences: Arrays) -> Arrays | None:
        size = max(float(np.abs(d).max()) for d in differences.values())
        weights = {name: np.float32(d / size) for name, d in differences.items()}
        try:
            mine = self.both.my_slopes(self.kind, arrays, weights)
        except Exception:  # no reverse mode through a loop: the starts still count
            return None
        theirs = self.both.theirs(self.kind, arrays, weights)
        if theirs is None:
            return None
        found = {key: mine[key] - theirs.get(f"slope/{key}", 0.0) for key in self.both.free}
        return found if all(np.isfinite(g).all() for g in found.values()) else None

    def _climb(self, point: Point) -> Point:
        step = 0.3
        for _ in range(STEPS[self.kind]):
            if point.slopes is None or time.monotonic() > self.until:
                break
            moved = dict(point.arrays)
            for key, slope in point.slopes.items():
                size, reach = (float(np.sqrt(np.mean(np.square(v)))) for v in (slope, moved[key]))
                if size:
                    moved[key] = moved[key] + np.float32(step * (reach or 1.0) / size) * slope
            further = self.look(self._inside(moved))
            if further.ratio > point.ratio:
                point = further
            else:
                step /= 3.0
        return point

    def reports(self, point: Point) -> list[LeafReport]:
        """The point against what rounding does there."""
        theirs = self.both.theirs(self.kind, point.arrays, measure=True)
        if theirs is None:
            return []
        mine = self.both.mine(self.kind, point.arrays)
        largest = max((_size(theirs[f"value/{name}"]) for name in mine), default=0.0)
        reports: list[LeafReport] = []
        for name, value in mine.items():
            expected, change = theirs[f"value/{name}"], float(theirs[f"change/{name}"])
            limit = self.comparer.tolerance(change)
            if self.kind == "grad":
                limit = self.comparer.gradient_tolerance(change, largest)
            x64 = self.both.measured.case.x64
            report = compare_leaf(self._label(name), expected, value, limit, x64=x64)
            reports.append(replace(report, verdict="pass") if report.reason == "nan" else report)
        return reports

    def _label(self, name: str) -> str:
        if self.kind == "out":
            return name
        if name.startswith("in/"):
            return f"gradient of input {name[3:]}"
        paths = {f"param/{v.id}": v.path for v in self.both.measured.source.variables}
        return f"gradient of {paths[name]}"

    def _lasts(self, point: Point, failed: set[str]) -> bool:
        """Whether a difference is there beside the point, too."""
        seen = 0
        for seed in range(BESIDE):
            r = np.random.default_rng([seed, 53])
            beside = dict(point.arrays)
            for key in self.both.free:
                value = np.asarray(beside[key])
                noise = BESIDE_STEP * r.standard_normal(value.shape) * (np.abs(value) + 1e-3)
                beside[key] = jnp.asarray((value + noise).astype(value.dtype))
            reports = self.reports(Point(self._inside(beside)))
            seen += any(r.verdict == "fail" and r.path in failed for r in reports)
        return 2 * seen >= BESIDE


def _size(value: Any) -> float:
    array = np.asarray(value)
    if array.dtype.kind in "bOSU":
        return 1.0
    wide = np.abs(array[np.isfinite(array)].astype(np.complex128))
    return float(wide.max(initial=0.0))
