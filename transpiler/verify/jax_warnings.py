"""Deprecation warnings that the translated code itself causes, and its source does not."""
# pyright: basic

from __future__ import annotations

from pathlib import Path

from .jax_modes import Measured
from .result import Comparison, LeafReport

_KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def judge_warnings(measured: Measured) -> Comparison:
    """Fails for each deprecation whose warning points into the folders of the target. What the
    source itself says as it runs is the user's own: said, and no failure."""
    own = {tuple(one) for one in measured.comparer.oracle.get("warnings", ())}
    roots = [str(Path(p).resolve()) for p in measured.case.target.paths]
    lines: dict[str, str] = {}
    kept: dict[str, str] = {}
    for warning in measured.said:
        file = str(Path(warning.filename).resolve())
        root = next((r for r in roots if file.startswith(r + "/")), None)
        if root is not None and issubclass(warning.category, _KINDS):
            place = f"{file[len(root) + 1 :]}:{warning.lineno}"
            kind, text = warning.category.__name__, str(warning.message)
            found = kept if (kind, text) in own else lines
            found.setdefault(place, f"{kind}: {text}")
    reports = [LeafReport(p, "fail", "warnings", message=t[:300]) for p, t in lines.items()]
    said = "; ".join(f"the source's own warning at {p}: {t[:200]}" for p, t in kept.items())
    if not reports:
        return Comparison("pass", leaves=1, passed=1, message=said)
    return Comparison("fail", len(reports), 0, reports[0], tuple(reports[:20]), said)
