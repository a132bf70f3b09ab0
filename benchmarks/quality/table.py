"""The comparisons as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .compare import KINDS, MEASURES, Comparison

HEAD = (
    "case",
    *("lines: source", "translation", "port", "ratio"),
    *("forward: flops asked", "compiled", "bytes"),
    *("gradient: flops asked", "compiled", "bytes"),
)


def cells(row: Comparison) -> list[str]:
    """One line of the table; what is unknown is a dash."""
    lines = [
        str(row.lines[s]) if s in row.lines else "-" for s in ("source", "translation", "port")
    ]
    known = "translation" in row.lines and "port" in row.lines
    ratio = f"{row.lines['translation'] / row.lines['port']:.2f}" if known else "-"
    ratios = [row.ratio(kind, measure) for kind in KINDS for measure in MEASURES]
    return [row.case, *lines, ratio, *("-" if r is None else f"{r:.2f}" for r in ratios)]


def print_table(rows: Sequence[Comparison], console: Console) -> None:
    table = Table(title="translation / port by hand")
    for index, name in enumerate(HEAD):
        table.add_column(name, justify="right" if index else "left")
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)
    for row in rows:
        if row.problem:
            console.print(f"{row.case}: {row.problem}", markup=False)


def markdown(rows: Sequence[Comparison]) -> str:
    lines = [f"| {' | '.join(HEAD)} |", f"|---{'|---:' * (len(HEAD) - 1)}|"]
    lines += [f"| {' | '.join(cells(row))} |" for row in rows]
    return "\n".join(lines) + "\n"
