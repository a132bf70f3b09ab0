"""Shapes of translations: `python -m benchmarks.shape_proofs --cases FILE --cache DIR [--tier T]`.

The cases are those of `benchmarks.cases`. Each is compiled with the files that it imports, and with
a module that builds the model as the case says. Printed are, for each case: the functions whose
results are proved equal to those of the source in structure, rank, sizes and dtype for all sizes,
those of which that is not known, and those that differ; the layers whose result has a known rank
and last size in the source; the processor seconds of the compile; those of the analysis of the
source and of the proof of the output as shares of it, and of both; and the share of the questions
about sizes that reached z3. The last line has these figures for all cases together.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.analysis.proof import Claim
from tfjax.transpiler.analysis.proof.compilation import analysed, proof_of
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.frontend import import_closure
from tfjax.transpiler.project import by_module

from .cases.case import Case, load_cases, select
from .cases.compile import roots
from .shapes import is_known

DRIVER = "case_driver"


@dataclass(frozen=True, slots=True)
class Row:
    """One case. Times are processor seconds; `layers` counts calls of layers, and the known."""

    name: str
    claims: tuple[Claim, ...]
    layers: tuple[int, int]
    compile_s: float
    analysis_s: float
    proof_s: float
    # Questions about sizes, and those that reached z3.
    questions: tuple[int, int]

    def count(self, verdict: str) -> int:
        return sum(c.verdict == verdict for c in self.claims)


def measure(case: Case, cache: Path, rules: RuleSet) -> Row:
    folders = roots(case, cache)
    entry = next(f / case.file for f in folders if (f / case.file).is_file())
    named = by_module([*sources_of(entry, folders), _driver(case)])
    started = time.process_time()
    compilation = pipeline.run(named, rules, "keras2" if case.keras == "k2" else "keras3")
    compiled = time.process_time()
    source = analysed(compilation)
    followed = time.process_time()
    proof = proof_of(source)
    ended = time.process_time()
    analysis = source.analysis
    known = sum(is_known(value) for _, _, value in analysis.layers)
    layers = (len(analysis.layers), known)
    asked = (analysis.statistics.questions, analysis.statistics.solver)
    seconds = (compiled - started, followed - compiled, ended - followed)
    return Row(case.id, proof.claims, layers, *seconds, asked)


def _driver(case: Case) -> SourceFile:
    """A module that builds the model as the case does, which says what builders are called with."""
    text = f"import {case.module} as m\n\n\ndef build():\n    return {case.build}\n"
    return SourceFile(Path(f"{DRIVER}.py"), Path(f"{DRIVER}.py"), text, module=DRIVER)


def sources_of(entry: Path, folders: Sequence[Path]) -> list[SourceFile]:
    found: list[SourceFile] = []
    for file in import_closure([entry], list(folders)):
        path = getattr(file, "path", None)
        if path is None or getattr(file, "error", None):
            continue
        real = Path(path).resolve()
        root = next(f for f in folders if real.is_relative_to(f.resolve()))
        text = real.read_text("utf-8")
        found.append(SourceFile(real, real.relative_to(root.resolve()), text, module=file.module))
    return found


def table(rows: Sequence[Row]) -> Table:
    shown = Table("case", title="shapes of translations")
    counts, times = ("proved", "unknown", "refuted"), ("compile", "analysis", "proof", "both")
    for heading in (*counts, "layers", "known", *times, "z3"):
        shown.add_column(heading, justify="right")
    for row in rows:
        shown.add_row(row.name, *_cells([row]))
    shown.add_row("all", *_cells(rows))
    return shown


def _cells(rows: Sequence[Row]) -> tuple[str, ...]:
    counts = [str(sum(r.count(v) for r in rows)) for v in ("proved", "unknown", "refuted")]
    calls, known = (sum(r.layers[i] for r in rows) for i in (0, 1))
    share = f"{known / calls:.1%}" if calls else "-"
    asked, solved = (sum(r.questions[i] for r in rows) for i in (0, 1))
    return (*counts, str(calls), share, *_times(rows), f"{solved / max(asked, 1):.1%}")


def _times(rows: Sequence[Row]) -> tuple[str, ...]:
    """The seconds of the compile; analysis, proof and both as shares of it."""
    compiled = sum(r.compile_s for r in rows)
    analysis, proof = sum(r.analysis_s for r in rows), sum(r.proof_s for r in rows)
    shares = (f"{s / max(compiled, 1e-9):.0%}" for s in (analysis, proof, analysis + proof))
    return f"{compiled:.2f}", *shares


def reasons(rows: Sequence[Row], verdict: str) -> list[tuple[str, int]]:
    """Why, in words without the sizes."""
    found = Counter(
        c.reason.partition(":")[0].partition("[")[0]
        for r in rows
        for c in r.claims
        if c.verdict == verdict
    )
    return found.most_common(12)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tier", action="append", help="default: easy and medium")
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args()
    cases = load_cases(given.cases)
    if given.only:
        chosen = select(cases, "all", given.only)
    else:
        chosen = [c for t in given.tier or ["easy", "medium"] for c in select(cases, t, [])]
    rules, rows, console = RuleSet.load(), list[Row](), Console(width=140)
    for case in chosen:
        # Any exception: a case that does not compile must not stop the others.
        try:
            rows.append(measure(case, given.cache, rules))
        except Exception as error:
            console.print(f"{case.id}: {type(error).__name__}: {error}", markup=False)
            continue
        for claim in rows[-1].claims:
            if claim.verdict == "refuted":
                text = f"{case.id}: {claim.module}.{claim.name}: {claim.reason} {claim.example}"
                console.print(text, markup=False)
    console.print(table(rows))
    for reason, count in reasons(rows, "unknown"):
        console.print(f"{count:5} unknown: {reason}", markup=False)


if __name__ == "__main__":
    main()
