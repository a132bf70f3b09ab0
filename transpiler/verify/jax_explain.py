"""What is said of the place of a mismatch: by tracing the values, or by the variable's module."""
# pyright: basic

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .jax_compare import Comparer
from .jax_divergence import agreement, locate, locate_error, of_gradients, of_variable
from .jax_structure import Path
from .jax_trace import CreationSites
from .pairing import Candidate
from .result import Comparison, Divergence, LeafReport
from .structure import Structure

_BY_VALUE = ("outputs", "double")


@dataclass(frozen=True)
class Search:
    """What there is to look for the place in; `traces` are the source's (`oracle_trace.py`), by
    run; `others`: further weight maps that fit."""

    comparer: Comparer
    traces: dict[str, list[dict[str, Any]]]
    sites: CreationSites
    candidate: Candidate
    source: Structure
    paths: dict[int, Path]
    others: Sequence[Candidate] = ()


def explain(search: Search, modes: Mapping[str, Comparison]) -> Divergence | None:
    """None where everything passed, or where nothing is found: the verdict stands without it."""
    failed = [name for name, mode in modes.items() if mode.verdict == "fail"]
    try:
        if not modes:  # the weights do not pair
            free = search.candidate.uncovered_targets
            return _owner(search, search.paths[free[0]]) if free else None
        if not failed:
            return None
        search.comparer.load(search.candidate, search.paths)
        if any(name in _BY_VALUE for name in failed):
            reports = [r for name in _BY_VALUE if name in modes for r in modes[name].failures]
            run = _run_of(search, reports)
            wrong = {r.path for r in reports if r.run == run}
            _load_likeliest(search, run, raises=False)
            found = locate(search.comparer, search.traces[str(run)], search.sites, run, wrong)
            if found is not None:
                return found
        reports = [r for name in failed for r in modes[name].failures]
        wrong = [p for r in reports if (p := _gradient_of(search, r.path, failed)) is not None]
        if wrong or any(r.path.startswith("input ") for r in reports):
            return of_gradients(wrong, _right(search, wrong), search.comparer, search.sites)
        named = (_of_label(search, report.path) for report in reports)
        return next((found for found in named if found is not None), None)
    except Exception:  # a report that fails must not hide the verdict
        traceback.print_exc()  # into the log
        return None


def _load_likeliest(search: Search, run: int, *, raises: bool) -> None:
    """The weight map under which most values agree: outputs that are all wrong tell nothing."""
    trace = search.traces.get(str(run), [])
    chosen = search.candidate
    if search.others and trace:
        scores: list[int] = []
        candidates = [search.candidate, *search.others]
        for candidate in candidates:
            search.comparer.load(candidate, search.paths)
            scores.append(agreement(search.comparer, trace, search.sites, run, raises=raises))
        chosen = candidates[scores.index(max(scores))]
    search.comparer.load(chosen, search.paths)


def _run_of(search: Search, reports: Sequence[LeafReport]) -> int:
    """The first run with an output that differs, of those of which there is a trace."""
    runs = {r.run for r in reports}
    return min((run for run in runs if search.traces.get(str(run))), default=0)


def explain_error(search: Search, error: Exception) -> Divergence | None:
    """For a call that raises: the first module whose result the source does not have."""
    try:
        _load_likeliest(search, 0, raises=True)
        return locate_error(search.comparer, search.traces["0"], search.sites, error)
    except Exception:  # the error itself is the report
        traceback.print_exc()
        return None


def _of_label(search: Search, label: str) -> Divergence | None:
    """The module of the weight that a report names."""
    path = _variable(search, label)
    return None if path is None else _owner(search, path)


def _variable(search: Search, label: str) -> Path | None:
    name = label.removeprefix("gradient of ").removeprefix("moved ").removeprefix("state ")
    ids = {v.id for v in search.source.variables if v.path == name}
    found = (m.target for m in search.candidate.moves if ids.intersection(m.sources))
    target = next(found, None)
    return None if target is None else search.paths[target]


def _gradient_of(search: Search, label: str, failed: list[str]) -> Path | None:
    """The variable of a report on a gradient."""
    if label.startswith(("moved ", "state ")) or "state" in failed:
        return None
    return _variable(search, label)


def _right(search: Search, wrong: list[Path]) -> list[Path]:
    """The trained variables that no report names."""
    trained = {v.id for v in search.source.variables if v.role == "param"}
    moves = (m for m in search.candidate.moves if trained.intersection(m.sources))
    return [search.paths[m.target] for m in moves if search.paths[m.target] not in wrong]


def _owner(search: Search, path: Path) -> Divergence | None:
    return of_variable(path, search.comparer.model, search.sites)
