"""What the shape analysis costs and finds: `python -m benchmarks.shapes FOLDER... [--no-compile]`.

For each folder, its Python files together: processor time of the analysis and of the whole compile
(as a ratio), the questions about sizes, the share of them that reached z3, the share of the calls
of layers whose result has a known rank and known last size, and the conflicts reported.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis import Analysis, analyse_sources
from tfjax.transpiler.analysis.values import Tensor, Value, items_of
from tfjax.transpiler.cli.inputs import read_inputs
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import Options, by_module, compile_project


@dataclass(frozen=True, slots=True)
class Row:
    """One folder. Times are processor seconds; `compile_s` is None when it was not asked for."""

    name: str
    files: int
    analysis: Analysis
    analysis_s: float
    compile_s: float | None


def measure(folder: Path, rules: RuleSet, compiles: bool) -> Row:
    sources = read_inputs((str(folder),)).sources
    named = by_module(sources)
    started = time.process_time()
    analysed = analyse_sources(named, rules)
    middle = time.process_time()
    if compiles:
        _compile(sources, rules)
    ended = time.process_time()
    return Row(
        folder.name,
        len(named),
        analysed.analysis,
        middle - started,
        ended - middle if compiles else None,
    )


def _compile(sources: Sequence[SourceFile], rules: RuleSet) -> None:
    compile_project(sources, Options(), rules)


def is_known(value: Value) -> bool:
    """Whether the result of a layer has a rank and a last size: what the next layer needs."""
    if isinstance(value, Tensor):
        if not value.dims:
            return False
        return "?" not in {getattr(a.expression, "id", "") for a in value.dims[-1].atoms()}
    items = items_of(value)
    return bool(items) and all(map(is_known, items or ()))


def table(rows: Sequence[Row]) -> Table:
    shown = Table("folder", title="shape analysis")
    headings = ("files", "seconds", "of compile", "questions", "z3", "layer calls", "known", "cut")
    for heading in (*headings, "conflicts"):
        shown.add_column(heading, justify="right")
    for row in rows:
        shown.add_row(row.name, *_cells(row))
    return shown


def _cells(row: Row) -> tuple[str, ...]:
    analysis, asked = row.analysis, row.analysis.statistics
    known = sum(is_known(value) for _, _, value in analysis.layers)
    calls = len(analysis.layers)
    return (
        str(row.files),
        f"{row.analysis_s:.1f}",
        "-" if row.compile_s is None else f"{row.analysis_s / max(row.compile_s, 1e-9):.0%}",
        str(asked.questions),
        f"{asked.solver / max(asked.questions, 1):.1%}",
        str(calls),
        f"{known / calls:.0%}" if calls else "-",
        str(len(analysis.exhausted)),
        str(len(analysis.conflicts)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--no-compile", action="store_true", help="leave the compile out")
    given = parser.parse_args()
    rules = RuleSet.load()
    rows = [measure(folder, rules, not given.no_compile) for folder in given.folders]
    Console(width=110).print(table(rows))
    for row in rows:
        for conflict in row.analysis.conflicts:
            print(f"{conflict.place.module}:{conflict.place.span}: {conflict.message}")


if __name__ == "__main__":
    main()
