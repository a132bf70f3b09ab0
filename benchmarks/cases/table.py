"""The results as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .case import TIERS
from .result import PASSED, CaseResult, Check

_COLOURS = {
    "ok": "green",
    "pass": "green",
    "partial": "yellow",
    "inconclusive": "yellow",
    "failed": "red",
    "fail": "red",
    "error": "red",
}


def print_results(results: Sequence[CaseResult], console: Console) -> None:
    console.print(_cases(results))
    console.print(_totals(results))


def totals(results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    """Counts for each tier that has cases, and for all."""
    groups = {tier: [r for r in results if r.tier == tier] for tier in TIERS}
    groups["all"] = list(results)
    return {name: _count(group) for name, group in groups.items() if group}


def summary(result: CaseResult) -> str:
    """One line, for the progress of a run."""
    checks = f"outputs {result.outputs.verdict}, gradients {result.gradients.verdict}"
    return f"{result.id}: {result.compiled}, {checks}, {result.seconds:.0f} s  {result.top[:120]}"


def _count(group: Sequence[CaseResult]) -> dict[str, int]:
    return {
        "cases": len(group),
        "compiled": sum(r.compiled == "ok" for r in group),
        "partial": sum(r.compiled == "partial" for r in group),
        "failed": sum(r.compiled == "failed" for r in group),
        "unhandled": sum(r.unhandled for r in group),
        "outputs": sum(r.outputs.verdict == PASSED for r in group),
        "gradients": sum(r.gradients.verdict == PASSED for r in group),
        "verified": sum(r.verified for r in group),
    }


def _cases(results: Sequence[CaseResult]) -> Table:
    table = Table(title="Cases", title_justify="left")
    table.add_column("case", no_wrap=True)
    table.add_column("tier", no_wrap=True)
    table.add_column("compiled", no_wrap=True)
    for name in ("left", "weights"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("outputs", no_wrap=True)
    table.add_column("gradients", no_wrap=True)
    table.add_column("first reason", overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("s", justify="right", no_wrap=True)
    for r in results:
        table.add_row(
            r.id,
            r.tier,
            _coloured(r.compiled),
            str(r.unhandled) if r.files else "-",
            "-" if r.parameters is None else f"{r.mapped}/{r.parameters}",
            _check(r.outputs),
            _check(r.gradients),
            escape(shorten(r.top, 70, placeholder="...")),
            f"{r.seconds:.0f}",
        )
    return table


def _totals(results: Sequence[CaseResult]) -> Table:
    counted: dict[str, dict[str, Any]] = totals(results)
    table = Table(title="Totals", title_justify="left")
    table.add_column("tier")
    for name in next(iter(counted.values()), {}):
        table.add_column(name, justify="right")
    for tier, counts in counted.items():
        table.add_row(tier, *map(str, counts.values()))
    return table


def _check(check: Check) -> str:
    error = "" if check.max_error is None else f" {check.max_error:.1e}"
    return _coloured(check.verdict) + error


def _coloured(word: str) -> str:
    colour = _COLOURS.get(word)
    return f"[{colour}]{word}[/]" if colour else word
