"""Loads a candidate weight map, runs the JAX side on the oracle's inputs, and compares."""
# pyright: basic

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .case import VerifyCase
from .codec import encode
from .compare import ToleranceOf, compare_leaf, dtype_fits, summarise
from .jax_run import Call, Evaluator, TargetEvaluation
from .jax_structure import Path, set_variables
from .kinks import jumping, kept_of
from .pairing import Candidate
from .result import Comparison, LeafReport
from .sampling import is_float, ulp_noise
from .steps import apply_steps
from .structure import STATE, Structure
from .tolerance import gradient_tolerance, tolerance

NOT_ASKED = "not asked for"


class Comparer:
    def __init__(
        self, case: VerifyCase, model: Any, call: Call, oracle: Any, tensors: dict[str, Any]
    ) -> None:
        self.case, self.model, self.call = case, model, call
        self.oracle, self.tensors = oracle, tensors
        self.depth = int(oracle["depth"])
        self.evaluators: dict[Any, Evaluator] = {}
        self.kinks: set[tuple[int, str]] = set()
        """Run and path of gradients that differ in the first draw, and agree in another."""

    def record(self, run: int, draw: int) -> dict[str, Any]:
        return self.oracle["runs"][run]["draws"][draw]

    def skeletons(self, run: int) -> dict[str, Any]:
        return self.record(run, 0)["inputs"]

    def arrays(self, run: int, draw: int) -> dict[str, Any]:
        prefix = f"run{run}/draw{draw}/in/"
        found = {k: v for k, v in self.tensors.items() if k.startswith(prefix)}
        return {k.removeprefix(prefix): _to_jax(v) for k, v in found.items()}

    def changes(self, run: int, kind: str) -> dict[str, float]:
        """What rounding does to each leaf of a kind (out, grad or state) in the source itself: the
        larger of what one-ulp noise changes and of its distance from double precision."""
        record: dict[str, Any] = self.oracle["runs"][run]
        measured: dict[str, float] = record[kind]
        where = ("errors", "edges") if record.get("edges") else ("errors",)
        found = [self.oracle["double"].get(name, {}).get(kind, {}) for name in where]
        return {n: max(c, *(errors.get(n, 0.0) for errors in found)) for n, c in measured.items()}

    def tolerance(self, change: float) -> ToleranceOf:
        return lambda eps, scale, size: tolerance(change, eps, scale, self.depth, size)

    def gradient_tolerance(self, change: float, largest: float) -> ToleranceOf:
        return lambda eps, scale, size: gradient_tolerance(
            change, eps, scale, largest, self.depth, size
        )

    def check_shapes(self, shapes: dict[str, Any]) -> Comparison | None:
        """A failed comparison where the outputs differ in nesting, shape or dtype; else None."""
        expected = {n: self.tensors[f"run0/draw0/out/{n}"] for n in self.changes(0, "out")}
        if list(expected) != list(shapes) and set(expected) != set(shapes):
            text = f"source gives {', '.join(expected)}; target gives {', '.join(shapes)}"
            report = LeafReport("out", "fail", "structure", message=text)
            return Comparison("fail", len(expected), 0, report, (report,), text)
        reports: list[LeafReport] = []
        for path, array in expected.items():
            shape, dtype = tuple(shapes[path].shape), str(shapes[path].dtype)
            place = {"path": path, "shape": array.shape, "dtype": array.dtype.name}
            if shape != array.shape:
                text = f"source gives {list(array.shape)}, target {list(shape)}"
                reports.append(LeafReport(**place, verdict="fail", reason="shape", message=text))
            elif not dtype_fits(array.dtype.name, dtype, x64=self.case.x64):
                text = f"source gives {array.dtype.name}, target {dtype}"
                reports.append(LeafReport(**place, verdict="fail", reason="dtype", message=text))
        return summarise(reports) if reports else None

    def compare(
        self, candidate: Candidate, source: Structure, paths: dict[int, Path]
    ) -> dict[str, Any]:
        """The comparisons of all modes under this weight map, as JSON data."""
        trained = {v.id for v in source.variables if v.role == "param"}
        stats = {v.id for v in source.variables if v.role in STATE}
        names = {v.id: v.path for v in source.variables}
        self.load(candidate, paths)
        grad_targets = frozenset(
            paths[m.target] for m in candidate.moves if trained.intersection(m.sources)
        )
        stat_moves = [m for m in candidate.moves if stats.issuperset(m.sources)]
        stat_targets = frozenset(paths[m.target] for m in stat_moves)
        outputs: list[LeafReport] = []
        gradients: dict[tuple[int, str], list[LeafReport]] = {}
        state: list[LeafReport] = []
        gradient_error = ""
        self.kinks = set()
        for run, run_record in enumerate(self.oracle["runs"]):
            evaluator = self._evaluator(run, grad_targets, stat_targets)
            for draw, record in enumerate(run_record["draws"]):
                asked = "gradients" in self.case.modes and not record["gradient_error"]
                got = evaluator.evaluate(self.arrays(run, draw), gradients=asked)
                found = self.outputs(run, draw, got)
                if run_record.get("edges"):
                    found = [_without_nan(report) for report in found]
                outputs += found
                if any(r.verdict == "fail" for r in found):
                    return _outcome(outputs, [], [], "")
                if asked and not got.gradient_error:
                    pulled = self.pull_back(candidate, paths, got)
                    for name, report in self._gradients(run, draw, pulled, names):
                        kept = _without_nan(report) if run_record.get("edges") else report
                        gradients.setdefault((run, name), []).append(kept)
                if not run_record.get("edges"):
                    gradient_error = gradient_error or record["gradient_error"]
                    gradient_error = gradient_error or got.gradient_error
                if run == draw == 0 and "state" in self.case.modes:
                    state = self._state(stat_moves, paths, got, names)
                    moved = {i for move in stat_moves for i in move.sources}
                    state += self._left_out(stats - moved, names)
        self._settle(candidate, paths, gradients, (grad_targets, stat_targets))
        kept = [_worst_of(reports) for reports in gradients.values()]
        found = _outcome(outputs, kept, state, gradient_error)
        if self.kinks and found["gradients"]["verdict"] == "pass":
            many = f"{len(self.kinks)} of them differ at a kink"
            text = f"{many} (a gate that opens there), and agree beside it"
            found["gradients"]["message"] = text
        return found

    def load(
        self, candidate: Candidate, paths: dict[int, Path], seed: int = 0, units: float = 0.0
    ) -> None:
        """The recorded weights, moved by so many units in the last place."""
        values: dict[Path, Any] = {}
        for m in candidate.moves:
            given = {i: self.tensors[f"param/{i}"] for i in m.sources}
            sources = [_moved(v, 1000 * seed + i, units) for i, v in given.items()]
            values[paths[m.target]] = apply_steps(np, sources, m.steps)
        set_variables(self.model, values)

    def _evaluator(self, run: int, grads: frozenset[Path], stats: frozenset[Path]) -> Evaluator:
        skeletons = self.skeletons(run)
        key = (repr(skeletons), grads, stats)
        if key not in self.evaluators:
            watched = [n[1:] for n in self.changes(run, "grad") if n.startswith("x")]
            self.evaluators[key] = Evaluator(
                self.model, self.call, skeletons, grads, frozenset(watched), stats
            )
        return self.evaluators[key]

    def outputs(self, run: int, draw: int, got: TargetEvaluation) -> list[LeafReport]:
        return [
            compare_leaf(
                path,
                self.tensors[f"run{run}/draw{draw}/out/{path}"],
                got.outputs[path],
                self.tolerance(change),
                x64=self.case.x64,
                run=run,
                draw=draw,
            )
            for path, change in self.changes(run, "out").items()
        ]

    def pull_back(
        self, candidate: Candidate, paths: dict[int, Path], got: TargetEvaluation, dtype: Any = None
    ) -> dict[str, Any]:
        """Gradients of the source weights: those of the targets through the steps, summed."""
        pulled: dict[str, Any] = {f"x{k}": v for k, v in got.input_gradients.items()}
        for move in candidate.moves:
            gradient = got.parameter_gradients.get(paths[move.target])
            if gradient is None:
                continue
            parts = [gradient]
            if move.steps or len(move.sources) > 1:
                weights = [jnp.asarray(self.tensors[f"param/{i}"], dtype) for i in move.sources]
                steps = move.steps
                _, back = jax.vjp(lambda *w, s=steps: apply_steps(jnp, w, s), *weights)
                parts = [np.asarray(p) for p in back(jnp.asarray(gradient))]
            for i, part in zip(move.sources, parts, strict=True):
                name = f"p{i}"
                pulled[name] = pulled[name] + part if name in pulled else part
        return pulled

    def _gradients(
        self, run: int, draw: int, pulled: dict[str, Any], names: dict[int, str]
    ) -> list[tuple[str, LeafReport]]:
        prefix = f"run{run}/draw{draw}/grad/"
        changes = self.changes(run, "grad")
        expected = {n: self.tensors[prefix + n] for n in changes}
        largest = max((_finite_max(v) for v in expected.values()), default=0.0)
        reports: list[tuple[str, LeafReport]] = []
        for name, change in changes.items():
            label = f"input {name[1:]}" if name[0] == "x" else names[int(name[1:])]
            if name not in pulled:
                continue
            report = compare_leaf(
                label,
                expected[name],
                kept_of(pulled[name], run, draw),
                self.gradient_tolerance(change, largest),
                x64=self.case.x64,
                run=run,
                draw=draw,
            )
            reports.append((name, report))
        return reports

    def _settle(
        self,
        candidate: Candidate,
        paths: dict[int, Path],
        gradients: dict[tuple[int, str], list[LeafReport]],
        targets: tuple[frozenset[Path], frozenset[Path]],
    ) -> None:
        """Leaves out failures at a kink: those of gradients that agree in another draw, and jump
        where they fail. The second draw of edge values lies beside the first: that tells, too."""
        suspects: dict[tuple[int, int], dict[str, LeafReport]] = {}
        for (run, name), reports in gradients.items():
            failed = [r for r in reports if r.verdict == "fail"]
            if len(failed) < len(reports):
                for report in failed:
                    suspects.setdefault((run, report.draw), {})[name] = report
        for (run, draw), found in suspects.items():
            names = set(found)
            if not self.oracle["runs"][run].get("edges"):
                evaluator = self._evaluator(run, *targets)
                arrays = self.arrays(run, draw)

                def near(
                    seed: int, units: float, evaluator: Evaluator = evaluator, at: Any = arrays
                ) -> dict[str, Any]:
                    noisy = {k: _moved(v, seed, units) for k, v in at.items()}
                    self.load(candidate, paths, seed, units)
                    got = evaluator.evaluate(noisy, gradients=True)
                    return self.pull_back(candidate, paths, got)

                names = jumping(near, found)
                self.load(candidate, paths)
            for name in names:
                self.kinks.add((run, found[name].path))
                gradients[run, name].remove(found[name])

    def _state(
        self, moves: list[Any], paths: dict[int, Path], got: TargetEvaluation, names: Any
    ) -> list[LeafReport]:
        changes = self.changes(0, "state")
        reports: list[LeafReport] = []
        for move in moves:
            after = [self.tensors[f"run0/draw0/state/{i}"] for i in move.sources]
            change = max(changes[str(i)] for i in move.sources)
            reports.append(
                compare_leaf(
                    names[move.sources[0]],
                    apply_steps(np, after, move.steps),
                    got.state[paths[move.target]],
                    self.tolerance(change),
                    x64=self.case.x64,
                )
            )
        return reports

    def _left_out(self, left: set[int], names: Mapping[int, str]) -> list[LeafReport]:
        """State that the source's call updates and of which the translation has none."""
        text = "the call of the source updates it, and the translation has no such variable"
        return [
            LeafReport(names[i], "fail", "state", message=text)
            for i in sorted(left)
            if not np.array_equal(
                self.tensors[f"run0/draw0/state/{i}"], self.tensors[f"param/{i}"], equal_nan=True
            )
        ]


def _to_jax(value: Any) -> Any:
    return jnp.asarray(value)


def _finite_max(value: Any) -> float:
    array = np.abs(np.asarray(value, np.float64))
    array = array[np.isfinite(array)]
    return float(array.max()) if array.size else 0.0


def _moved(value: Any, seed: int, units: float) -> Any:
    return ulp_noise(value, seed, units) if units and is_float(value.dtype) else value


def _worst_of(reports: list[LeafReport]) -> LeafReport:
    """A failure, else the worst of those that pass."""
    for verdict in ("fail", "pass"):
        if found := [r for r in reports if r.verdict == verdict]:
            return max(found, key=lambda r: r.badness)
    return reports[0]


def _without_nan(report: LeafReport) -> LeafReport:
    """At edge values, NaN on both sides is an agreement."""
    return replace(report, verdict="pass") if report.reason == "nan" else report


def _outcome(
    outputs: list[LeafReport], gradients: list[LeafReport], state: list[LeafReport], error: str
) -> dict[str, Any]:
    by_mode = {"outputs": summarise(outputs)}
    failed = by_mode["outputs"].verdict == "fail"
    nothing = "the outputs differ" if failed else "there is nothing to take gradients by"
    by_mode["gradients"] = summarise(gradients) if gradients else _skipped(error or nothing)
    if error and not failed and error != NOT_ASKED:
        by_mode["gradients"] = Comparison("inconclusive", message=error)
    nothing = "the outputs differ" if failed else "the program keeps no state"
    by_mode["state"] = summarise(state) if state else _skipped(nothing)
    return {mode: encode(comparison) for mode, comparison in by_mode.items()}


def _skipped(why: str) -> Comparison:
    return Comparison("skipped", message=why)
