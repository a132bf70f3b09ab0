"""Seeks inputs at which the two sides differ most: gradient ascent on the difference.

Both sides give values and, by JAX and by TensorFlow, the gradient of a weighted sum of their
outputs; with the difference as weights, the difference of the gradients is the direction in which
it grows. A difference that rounding makes has none, so starts count: drawn values, edge values,
large and small ones. What is found is measured as every point is: against what rounding does there
in TensorFlow.

A difference that is gone at most of the points beside it is a jump (rounding, comparison, index),
not an error.
"""
# pyright: basic

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs
from .result import Comparison, LeafReport
from .sampling import is_float
from .specs import parse_spec
from .tensors import load_tensors, save_tensors
from .trees import map_tree

STEPS = 6
CLIMBS = 2
BOUND = 1000.0
BESIDE, BESIDE_STEP = 4, 1e-4
_WAIT_S = 240.0
_POLL_S = 0.01


@dataclass
class Point:
    """Inputs, and how far the two sides differ there in units of the output's size."""

    arrays: dict[str, Any]
    ratio: float = -1.0
    slopes: dict[str, Any] | None = None


def compare_worst(measured: Measured) -> Comparison:
    exchange = measured.exchange
    if exchange is None:
        return Comparison("skipped", message="a search needs TensorFlow")
    search = _Search(measured, exchange)
    if not search.free:
        return Comparison("skipped", message="no input is a float")
    return search.run()


@dataclass
class Exchange:
    """Files to and from the source's side."""

    asks: Path
    answers: Path
    number: int = 0

    def ask(self, arrays: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None for a point that the source does not take. Raises TimeoutError."""
        self.asks.mkdir(exist_ok=True)
        part = self.asks / f"{self.number}.part"
        save_tensors(part, arrays)
        part.rename(self.asks / f"{self.number}.safetensors")
        answer = self.answers / f"{self.number}.safetensors"
        until = time.monotonic() + _WAIT_S
        while not answer.exists():
            if time.monotonic() > until or (self.answers.parent / "result.json").exists():
                raise TimeoutError("the source's side does not answer")
            time.sleep(_POLL_S)
        self.number += 1
        found = load_tensors(answer)
        return None if "error" in found else found


class _Search:
    def __init__(self, measured: Measured, exchange: Exchange) -> None:
        self.measured, self.exchange = measured, exchange
        self.comparer = comparer = measured.comparer
        fills: dict[str, str] = {}

        def leaf(path: str, text: Any) -> None:
            spec = parse_spec(text) if isinstance(text, str) else None
            if spec is not None:
                fills[path] = spec.fill

        for name, tree in measured.case.inputs.items():
            map_tree(tree, leaf, name)
        start = comparer.arrays(0, 0)
        self.free = {n: fills[n] for n in start if fills.get(n) in ("normal", "uniform")}
        skeletons = comparer.skeletons(0)
        graph, state = nnx.split(comparer.model)

        def outputs(floats: Any, others: Any) -> dict[str, Any]:
            copy = nnx.merge(graph, state, copy=True)
            return dict(array_leaves(comparer.call(copy, call_inputs(skeletons, floats | others))))

        def total(floats: Any, others: Any, weights: dict[str, Any]) -> Any:
            found = outputs(floats, others)
            return sum(jnp.sum(found[path] * weight) for path, weight in weights.items())

        self.outputs = jax.jit(outputs)
        self.slopes = jax.jit(jax.grad(total))
        self.points = 0

    def run(self) -> Comparison:
        found = [self.look(start) for start in self._starts()]
        ranked = sorted((p for p in found if p.ratio >= 0), key=lambda p: -p.ratio)
        if not ranked:
            return Comparison("skipped", message="the source takes none of the points")
        climbed = [self._climb(point) for point in ranked[:CLIMBS]]
        worst = max(climbed, key=lambda p: p.ratio)
        reports = self._reports(worst)
        jumps = [r for r in reports if r.verdict == "fail"]
        if jumps and not self._lasts(worst, jumps):
            paths = [r.path for r in jumps]
            reports = [replace(r, verdict="pass") if r.path in paths else r for r in reports]
            text = f"{len(jumps)} outputs jump at the worst of {self.points} points"
            return summarise(reports, text)
        return summarise(reports, f"the worst of {self.points} points")

    def _starts(self) -> list[dict[str, Any]]:
        first = self.comparer.arrays(0, 0)
        starts = [first]
        for number, record in enumerate(self.comparer.oracle["runs"]):
            if record.get("edges"):
                starts.append(self.comparer.arrays(number, 0))
        for factor in (30.0, 0.03):
            scaled = {n: a * factor if n in self.free else a for n, a in first.items()}
            starts.append(self._inside(scaled))
        return starts

    def _inside(self, arrays: dict[str, Any]) -> dict[str, Any]:
        found = dict(arrays)
        for name, fill in self.free.items():
            low = 0.0 if fill == "uniform" else -BOUND
            high = 1.0 if fill == "uniform" else BOUND
            found[name] = jnp.clip(found[name], low, high).astype(arrays[name].dtype)
        return found

    def look(self, arrays: dict[str, Any]) -> Point:
        """The difference at a point, and the direction in which it grows."""
        self.points += 1
        floats, others = self._split(arrays)
        mine = {n: np.asarray(v) for n, v in self.outputs(floats, others).items()}
        theirs = self.exchange.ask({f"in/{n}": np.asarray(a) for n, a in arrays.items()})
        if theirs is None:
            return Point(arrays)
        differences: dict[str, Any] = {}
        ratio = 0.0
        for path, value in mine.items():
            expected = theirs[f"out/{path}"]
            if not is_float(value.dtype) or not value.size or expected.shape != value.shape:
                continue
            with np.errstate(invalid="ignore", over="ignore"):
                difference = value.astype(np.float64) - expected.astype(np.float64)
            scale = np.abs(expected[np.isfinite(expected)].astype(np.float64)).max(initial=0.0)
            difference = np.where(np.isfinite(difference), difference, 0.0)
            differences[path] = difference / (scale or 1.0)
            ratio = max(ratio, float(np.abs(differences[path]).max()))
        return Point(arrays, ratio, self._slopes(arrays, differences))

    def _slopes(self, arrays: dict[str, Any], differences: dict[str, Any]) -> dict[str, Any] | None:
        size = max((float(np.abs(d).max()) for d in differences.values()), default=0.0)
        if not size:
            return None
        weights = {path: np.float32(d / size) for path, d in differences.items()}
        floats, others = self._split(arrays)
        try:
            mine = self.slopes(floats, others, weights)
        except Exception:  # no reverse mode through a loop: the starts still count
            return None
        asked = {f"in/{n}": np.asarray(a) for n, a in arrays.items()}
        theirs = self.exchange.ask(asked | {f"weight/{p}": w for p, w in weights.items()})
        if theirs is None:
            return None
        found = {n: np.asarray(mine[n]) - theirs.get(f"grad/{n}", 0.0) for n in self.free}
        return found if all(np.isfinite(g).all() for g in found.values()) else None

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        floats = {n: a for n, a in arrays.items() if n in self.free}
        return floats, {n: a for n, a in arrays.items() if n not in self.free}

    def _climb(self, point: Point) -> Point:
        step = 0.3
        for _ in range(STEPS):
            if point.slopes is None:
                break
            moved = dict(point.arrays)
            for name, slope in point.slopes.items():
                size, reach = (float(np.sqrt(np.mean(np.square(v)))) for v in (slope, moved[name]))
                if size:
                    moved[name] = moved[name] + np.float32(step * (reach or 1.0) / size) * slope
            further = self.look(self._inside(moved))
            if further.ratio > point.ratio:
                point = further
            else:
                step /= 3.0
        return point

    def _reports(self, point: Point) -> list[LeafReport]:
        """The point against what rounding does there."""
        arrays = {f"in/{n}": np.asarray(a) for n, a in point.arrays.items()}
        theirs = self.exchange.ask(arrays | {"measure": np.ones(1, np.float32)})
        if theirs is None:
            return []
        mine = self.outputs(*self._split(point.arrays))
        own = self.comparer.oracle["double"].get("errors", {}).get("out", {})
        reports: list[LeafReport] = []
        for path, value in mine.items():
            expected = theirs[f"out/{path}"]
            first = self.comparer.tensors[f"run0/draw0/out/{path}"]
            grown = _size(expected) / (_size(first) or 1.0)
            change = max(float(theirs[f"change/{path}"]), own.get(path, 0.0) * grown)
            limit = self.comparer.tolerance(change)
            x64 = self.measured.case.x64
            report = compare_leaf(path, expected, np.asarray(value), limit, x64=x64)
            reports.append(replace(report, verdict="pass") if report.reason == "nan" else report)
        return reports

    def _lasts(self, point: Point, failed: list[LeafReport]) -> bool:
        """Whether a difference is there beside the point, too."""
        paths = {r.path for r in failed}
        seen = 0
        for seed in range(BESIDE):
            r = np.random.default_rng([seed, 53])
            beside = dict(point.arrays)
            for name in self.free:
                value = np.asarray(beside[name])
                noise = BESIDE_STEP * r.standard_normal(value.shape) * (np.abs(value) + 1e-3)
                beside[name] = jnp.asarray((value + noise).astype(value.dtype))
            reports = self._reports(Point(self._inside(beside)))
            seen += any(r.verdict == "fail" and r.path in paths for r in reports)
        return 2 * seen >= BESIDE


def _size(value: Any) -> float:
    array = np.asarray(value)
    if array.dtype.kind in "bOSU":
        return 1.0
    wide = np.abs(array[np.isfinite(array)].astype(np.complex128))
    return float(wide.max(initial=0.0))
