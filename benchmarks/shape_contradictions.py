"""What the shape analysis says against what TensorFlow and JAX do: `python -m
benchmarks.shape_contradictions --cases FILE --cache DIR [--tier T] [--only ID]`.

Each case of `benchmarks.cases` runs once under TensorFlow; its translation is traced by
`jax.eval_shape` for the same inputs, and by `jax.export` with the leading size of the inputs as a
symbol. Of every function of the package, and of the output, that runs, up to three calls are noted
with the shapes and dtypes of their arguments and result. The analysis follows the same functions
with the same arguments, and the whole case; counted are the results where all that it claims of
sizes and dtypes is so ("agree"), those where it claims nothing ("silent"), and those that the
framework refutes ("contradict", which should be none).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler import pipeline
from tfjax.transpiler.analysis.entry import deep_recursion, follow, make_machine
from tfjax.transpiler.analysis.machine import Machine
from tfjax.transpiler.analysis.proof.compilation import read_translated
from tfjax.transpiler.analysis.proof.targets import loaded, target_machine
from tfjax.transpiler.analysis.text import type_text
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import by_module
from tfjax.transpiler.verify.case import Side, VerifyCase
from tfjax.transpiler.verify.limits import Limits
from tfjax.transpiler.verify.observing import place_of_function
from tfjax.transpiler.verify.pool import WorkerPool

from .cases.case import Case, load_cases, select
from .cases.compile import roots
from .cases.driver import NAME, driver_source, write_driver
from .shape_claims import (
    Verdict,
    arrays,
    compare,
    compare_symbolic,
    followed,
    inputs_of,
    model_call,
)
from .shape_proofs import sources_of
from .shape_targets import run_under_jax, texts_of
from .shapes_under_jax import SYMBOL

Counts = Counter[Verdict]
SIDES = ("tensorflow", "jax")


@dataclass(frozen=True, slots=True)
class Row:
    """One case: verdicts of results under each framework, what is contradicted, and why it did not
    run if so."""

    name: str
    tensorflow: Counts = field(default_factory=Counter[Verdict])
    jax: Counts = field(default_factory=Counter[Verdict])
    contradictions: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def measure(
    case: Case, cache: Path, rules: RuleSet, pool: WorkerPool, work: Path, sides: Sequence[str]
) -> Row:
    folders = roots(case, cache)
    entry = next(f / case.file for f in folders if (f / case.file).is_file())
    sources = sources_of(entry, folders)
    driver = SourceFile(Path(f"{NAME}.py"), Path(f"{NAME}.py"), driver_source(case), module=NAME)
    flavour = "keras2" if case.keras == "k2" else "keras3"
    named = by_module([*sources, driver])
    compilation = pipeline.run(named, rules, flavour)
    modules = {name: lowered.module for name, lowered in compilation.lowered.items()}
    machine = make_machine(modules, compilation.program.rules, flavour)
    with deep_recursion():
        follow(machine, modules)
        folder = work / case.id
        results: dict[str, dict[str, Any]] = {}
        if "tensorflow" in sides:
            results["tensorflow"] = _run(case, folders, sources, pool, folder)
        if "jax" in sides:
            results["jax"] = run_under_jax(case, cache, folder)
        failures = tuple(
            f"{side}: {r['message']}"[:160] for side, r in results.items() if r["status"] != "ok"
        )
        ran = {side: r for side, r in results.items() if r["status"] == "ok"}
        first, second = list[tuple[Verdict, str]](), list[tuple[Verdict, str]]()
        if "tensorflow" in ran:
            first = list(_compared(machine, case, ran["tensorflow"]))
        if "jax" in ran:
            translated = read_translated(compilation, texts_of(compilation, folder / "out"))
            target = target_machine(machine, translated)
            for name in translated:
                loaded(target, name)
            second = list(_compared(target, case, ran["jax"]))
    counts = [Counter(verdict for verdict, _ in found) for found in (first, second)]
    wrong = tuple(text for v, text in (*first, *second) if v == "contradict")
    return Row(case.id, counts[0], counts[1], wrong, failures)


def _run(
    case: Case, folders: tuple[Path, ...], sources: list[SourceFile], pool: WorkerPool, work: Path
) -> dict[str, Any]:
    write_driver(case, work / "src")
    side = Side(
        NAME,
        "m.build()",
        f"m.call(model, {', '.join(case.inputs)})",
        (str(work / "src"), *map(str, folders)),
        stubs=case.stubs,
        alias=dict(case.alias or {}),
    )
    flavour = "keras2" if case.keras == "k2" else "keras3"
    limits = Limits(wall_s=240.0, cpu_s=240, memory_gib=6.0)
    asked = VerifyCase(case.id, flavour, side, side, dict(case.inputs), limits=limits)
    files = [str(source.path.relative_to(_root(source.path, folders))) for source in sources]
    return pool.run("observe_worker", asked, work / "job", {"files": files})


def _root(path: Path, folders: tuple[Path, ...]) -> Path:
    return next(f.resolve() for f in folders if path.is_relative_to(f.resolve()))


def _compared(m: Machine, case: Case, result: Mapping[str, Any]) -> Iterator[tuple[Verdict, str]]:
    side = "TensorFlow" if m.library is None else "JAX"
    for key, samples in result["samples"].items():
        module, name = place_of_function(key)
        frame = m.frames.get(module)
        owner, _, leaf = name.rpartition(".")
        called = None if frame is None else frame.variables.get(owner or leaf)
        for sample in samples:
            if not arrays(sample["result"]):
                continue
            claimed = followed(m, called, leaf if owner else "", sample["given"])
            verdict = compare(claimed, sample["result"])
            text = f"{module}.{name}{sample['given']}: {type_text(claimed)} against"
            yield verdict, f"{side}: {text} {sample['result']}"
    outputs = result["outputs"] if m.library is None else [{"output": result["output"]}]
    for output in outputs:
        claimed = model_call(m, NAME, inputs_of(m, case.inputs))
        text = f"the model: {type_text(claimed)} against {output['output']}"
        yield compare(claimed, output["output"]), f"{side}: {text}"
    if "export" in result:
        size = m.solver.fresh("b")
        claimed = model_call(m, NAME, inputs_of(m, case.inputs, size))
        (variable,) = size.atoms()
        verdict = compare_symbolic(claimed, result["export"], variable.key, SYMBOL)
        yield verdict, f"JAX export: {type_text(claimed)} against {result['export']}"


def table(rows: list[Row]) -> Table:
    shown = Table("case", title="the analysis against TensorFlow (t) and JAX (j)")
    for heading in ("t agree", "silent", "contradict", "j agree", "silent", "contradict", ""):
        shown.add_column(heading)
    whole = Row("all")
    for row in rows:
        whole.tensorflow.update(row.tensorflow)
        whole.jax.update(row.jax)
        shown.add_row(row.name, *_cells(row), "; ".join(row.failures))
    shown.add_row("all", *_cells(whole), "")
    return shown


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(
        str(counts[verdict])
        for counts in (row.tensorflow, row.jax)
        for verdict in ("agree", "silent", "contradict")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tier", action="append", help="default: easy and medium")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--side", action="append", choices=SIDES, help="default: both")
    given = parser.parse_args()
    cases = load_cases(given.cases)
    tiers = given.tier or ["easy", "medium"]
    only, sides = given.only, given.side or SIDES
    chosen = (
        select(cases, "all", only) if only else [c for t in tiers for c in select(cases, t, [])]
    )
    rules, rows, console = RuleSet.load(), list[Row](), Console(width=160)
    with tempfile.TemporaryDirectory() as folder, WorkerPool() as pool:
        for case in chosen:
            # Any exception: a case that does not work must not stop the others.
            try:
                row = measure(case, given.cache, rules, pool, Path(folder), sides)
            except Exception as error:
                row = Row(case.id, failures=(f"{type(error).__name__}: {error}"[:160],))
            rows.append(row)
            counts = f"{dict(row.tensorflow)} {dict(row.jax)}"
            console.print(f"{case.id}: {counts} {row.failures}", markup=False)
            for text in row.contradictions:
                console.print(f"  {text}", markup=False)
    console.print(table(rows))


if __name__ == "__main__":
    main()
