"""Results as tables and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...rules.prove.outcome import UnitResult
from .cache import versions
from .units import Others


@dataclass(slots=True)
class Row:
    """The counts of one family; `cases` ran on both sides. `untried`: a caveat says why."""

    family: str
    proved: int = 0
    refused: int = 0
    failed: int = 0
    no_case: int = 0
    untried: int = 0
    cases: int = 0
    seconds: float = 0.0


def rows(results: Sequence[UnitResult], others: Others | None) -> list[Row]:
    """By family, the total last."""
    found: dict[str, Row] = {}
    for result in results:
        row = found.setdefault(result.family, Row(result.family))
        row.proved += result.status == "proved"
        row.failed += result.status == "failed"
        row.no_case += result.status == "no case"
        row.untried += result.status == "untried"
        row.cases += result.cases
        row.seconds += result.seconds
    if others is not None:
        for family, count in others.refused.items():
            found.setdefault(family, Row(family)).refused += count
    listed = sorted(found.values(), key=lambda row: row.family)
    total = Row("total")
    for row in listed:
        for name in ("proved", "refused", "failed", "untried", "no_case", "cases", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return [*listed, total]


def table(results: Sequence[UnitResult], others: Others | None) -> str:
    """For a terminal."""
    head = (
        *("family", "proved", "refused", "failed", "untried", "no case"),
        *("cases", "cases/symbol", "seconds"),
    )
    lines: list[tuple[str, ...]] = [head]
    for row in rows(results, others):
        symbols = row.proved + row.failed
        each = f"{row.cases / symbols:.1f}" if symbols else ""
        numbers = (row.proved, row.refused, row.failed, row.untried, row.no_case, row.cases)
        lines.append((row.family, *map(str, numbers), each, f"{row.seconds:.0f}"))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    shown: list[str] = []
    for first, *rest in lines:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        shown.append("  ".join((first.ljust(widths[0]), *cells)))
    return "\n".join(shown)


def counterexamples(results: Sequence[UnitResult]) -> list[str]:
    """A paragraph for each symbol that failed."""
    found: list[str] = []
    for result in results:
        if result.status != "failed":
            continue
        version = " (Keras 2)" if result.keras == "keras2" else ""
        lines = [f"{result.symbol}{version}: rule {result.rule}, {result.family}"]
        for failure in result.failures:
            lines += [f"  {line}" for line in failure.lines()]
        found.append("\n".join(lines))
    return found


def document(
    results: Sequence[UnitResult], others: Others | None, seconds: float
) -> dict[str, Any]:
    """The JSON form."""
    families = [
        {"family": r.family, "proved": r.proved, "refused": r.refused, "failed": r.failed,
         "untried": r.untried, "no_case": r.no_case, "cases": r.cases}
        for r in rows(results, others)
    ]  # fmt: skip
    return {
        "report": "tfjax rules",
        "version": 1,
        "versions": versions(),
        "seconds": round(seconds, 1),
        "families": families[:-1],
        "total": families[-1],
        "symbols": [result.to_json() for result in results],
    }
