"""What is said of the place of a mismatch: by tracing the values, or by the variable's module."""
# pyright: basic

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .jax_compare import Comparer
from .jax_divergence import locate, of_variable
from .jax_structure import Path
from .jax_trace import CreationSites
from .pairing import Candidate
from .result import Comparison, Divergence
from .structure import Structure

_BY_VALUE = ("outputs", "double")


@dataclass(frozen=True)
class Search:
    """What there is to look for the place in; `trace` is the source's (`oracle_trace.py`)."""

    comparer: Comparer
    trace: list[dict[str, Any]]
    sites: CreationSites
    candidate: Candidate
    source: Structure
    paths: dict[int, Path]


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
            found = locate(search.comparer, search.trace, search.sites)
            if found is not None:
                return found
        reports = [r for name in failed for r in modes[name].failures]
        named = (_of_label(search, report.path) for report in reports)
        return next((found for found in named if found is not None), None)
    except Exception:  # a report that fails must not hide the verdict
        traceback.print_exc()  # into the log
        return None


def _of_label(search: Search, label: str) -> Divergence | None:
    """The module of the weight that a report names."""
    name = label.removeprefix("gradient of ").removeprefix("moved ").removeprefix("state ")
    ids = {v.id for v in search.source.variables if v.path == name}
    for move in search.candidate.moves:
        if ids.intersection(move.sources):
            return _owner(search, search.paths[move.target])
    return None


def _owner(search: Search, path: Path) -> Divergence | None:
    return of_variable(path, search.comparer.model, search.sites)
