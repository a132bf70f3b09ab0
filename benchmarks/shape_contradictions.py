"""What the shape analysis says against what TensorFlow does: `python -m
benchmarks.shape_contradictions --cases FILE --cache DIR [--tier T] [--only ID]`.

Each case of `benchmarks.cases` runs once under TensorFlow. Of every function of the package that
runs, up to three calls are noted with the shapes and dtypes of their arguments and result. The
analysis follows the same functions with the same arguments, and the whole case; counted are the
results where all that it claims of sizes and dtypes is so ("agree"), those where it claims nothing
("silent"), and those that TensorFlow refutes ("contradict", which should be none).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis.calls import instantiate, invoke
from tfjax.transpiler.analysis.conflicts import Log
from tfjax.transpiler.analysis.definitions import find_member
from tfjax.transpiler.analysis.entry import deep_recursion, follow, make_machine
from tfjax.transpiler.analysis.facts import value_of
from tfjax.transpiler.analysis.machine import Exhausted, Machine
from tfjax.transpiler.analysis.proof.calling import place_of
from tfjax.transpiler.analysis.source import lowered_sources
from tfjax.transpiler.analysis.statements import Raised
from tfjax.transpiler.analysis.text import type_text
from tfjax.transpiler.analysis.values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Const,
    Fixed,
    Function,
    Instance,
    Tensor,
    Value,
)
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import by_module
from tfjax.transpiler.verify.case import Side, VerifyCase
from tfjax.transpiler.verify.limits import Limits
from tfjax.transpiler.verify.observing import fact_of, place_of_function
from tfjax.transpiler.verify.pool import WorkerPool

from .cases.case import Case, load_cases, select
from .cases.compile import roots
from .cases.driver import NAME, driver_source, write_driver
from .shape_proofs import sources_of

Verdict = Literal["agree", "silent", "contradict"]
STEPS = 60_000


@dataclass(frozen=True, slots=True)
class Row:
    """One case: verdicts of results, what is contradicted, and why it did not run if so."""

    name: str
    verdicts: Counter[Verdict]
    contradictions: tuple[str, ...] = ()
    failure: str = ""


def measure(case: Case, cache: Path, rules: RuleSet, pool: WorkerPool, work: Path) -> Row:
    folders = roots(case, cache)
    entry = next(f / case.file for f in folders if (f / case.file).is_file())
    sources = sources_of(entry, folders)
    result = _run(case, folders, sources, pool, work / case.id)
    if result.get("status") != "ok":
        return Row(case.id, Counter(), (), str(result.get("message", ""))[:160])
    driver = SourceFile(Path(f"{NAME}.py"), Path(f"{NAME}.py"), driver_source(case), module=NAME)
    flavour = "keras2" if case.keras == "k2" else "keras3"
    modules, _ = lowered_sources(by_module([*sources, driver]), flavour)
    machine = make_machine(modules, rules, flavour)
    with deep_recursion():
        follow(machine, modules)
        found = list(_compared(machine, result))
    verdicts: Counter[Verdict] = Counter(verdict for verdict, _ in found)
    return Row(case.id, verdicts, tuple(text for v, text in found if v == "contradict"))


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


def _compared(m: Machine, result: Mapping[str, Any]) -> Iterator[tuple[Verdict, str]]:
    for key, samples in result["samples"].items():
        module, name = place_of_function(key)
        frame = m.frames.get(module)
        owner, _, leaf = name.rpartition(".")
        called = None if frame is None else frame.variables.get(owner or leaf)
        for sample in samples:
            if not _arrays(sample["result"]):
                continue
            claimed = _followed(m, called, leaf if owner else "", sample["given"])
            verdict = compare(claimed, sample["result"])
            yield verdict, f"{module}.{name}: {type_text(claimed)} against {sample['result']}"
    driver = m.frames.get(NAME)
    if driver is None:
        return
    build, call = driver.variables.get("build"), driver.variables.get("call")
    for output in result["outputs"]:
        model = _bounded(m, lambda: invoke(m, build or UNKNOWN, Arguments(), place_of(m)))
        claimed = _bounded(
            m, lambda made=model: invoke(m, call or UNKNOWN, Arguments((made,)), place_of(m))
        )
        yield compare(claimed, output["output"]), f"the model: {type_text(claimed)}"


def _followed(m: Machine, called: Value | None, method: str, given: Mapping[str, Any]) -> Value:
    """What the analysis makes of a call with these arguments."""
    place = place_of(m)
    values = {n: value_of(m, fact_of(d), place, n) for n, d in given.items()}

    def run() -> Value:
        match called:
            case Function() if not method:
                return invoke(m, called, Arguments((), values), place)
            case ClassValue() if method not in ("", "__init__", "build"):
                made = instantiate(m, called, _open(called), place)
                found = find_member(called, method)
                if not isinstance(made, Instance) or not isinstance(found, Function):
                    return UNKNOWN
                return invoke(m, found.bind(made), Arguments((), values), place)
            case _:
                return UNKNOWN

    return _bounded(m, run)


def _open(cls: ClassValue) -> Arguments:
    """Arguments of which nothing is known, for those that must be given."""
    init = find_member(cls, "__init__")
    if not isinstance(init, Function):
        return Arguments()
    required = [p for p in init.node.parameters[1:] if p.default is None]
    names = [p.name for p in required if p.kind not in ("varargs", "kwargs")]
    return Arguments((), dict.fromkeys(names, UNKNOWN))


def _bounded(m: Machine, run: Any) -> Value:
    m.log, m.steps, m.muted, m.depth = Log(sees=False), STEPS, 0, 0
    m.calls.clear()
    m.running.clear()
    mark = m.trail.mark()
    try:
        return run()
    except (Raised, Exhausted, RecursionError):
        return UNKNOWN
    finally:
        m.trail.undo(mark)


def _arrays(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "dims" in data:
        return [dict(data)]
    return [a for item in data.get("items", ()) for a in _arrays(item)]


def compare(claimed: Value, real: Mapping[str, Any]) -> Verdict:
    """Sizes of which the analysis knows no number claim nothing."""
    if "dims" in real and isinstance(claimed, Tensor):
        return _tensors(claimed, real)
    items = real.get("items")
    if items is not None and isinstance(claimed, Fixed):
        inner = list(claimed.items)
        if len(inner) != len(items):
            return "contradict"
        found = [compare(a, b) for a, b in zip(inner, items, strict=True)]
        return next((v for v in ("contradict", "agree") if v in found), "silent")
    if "dims" in real and isinstance(claimed, Const) and claimed.value is None:
        return "contradict"
    return "silent"


def _tensors(claimed: Tensor, real: Mapping[str, Any]) -> Verdict:
    dtype, dims = real["dtype"], real["dims"]
    if claimed.dtype is not None and dtype is not None and claimed.dtype != dtype:
        return "contradict"
    if claimed.dims is None:
        return "silent"
    if len(claimed.dims) != len(dims):
        return "contradict"
    pairs = [(a.constant, b) for a, b in zip(claimed.dims, dims, strict=True)]
    wrong = any(a is not None and b is not None and a != b for a, b in pairs)
    return "contradict" if wrong else "agree"


def table(rows: list[Row]) -> Table:
    shown = Table("case", title="the analysis against TensorFlow")
    for heading in ("agree", "silent", "contradict", ""):
        shown.add_column(heading)
    total: Counter[Verdict] = Counter()
    for row in rows:
        total += row.verdicts
        shown.add_row(row.name, *_cells(row.verdicts), row.failure)
    shown.add_row("all", *_cells(total), "")
    return shown


def _cells(verdicts: Counter[Verdict]) -> tuple[str, str, str]:
    return str(verdicts["agree"]), str(verdicts["silent"]), str(verdicts["contradict"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tier", action="append", help="default: easy and medium")
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args()
    cases = load_cases(given.cases)
    tiers = given.tier or ["easy", "medium"]
    only = given.only
    chosen = (
        select(cases, "all", only) if only else [c for t in tiers for c in select(cases, t, [])]
    )
    rules, rows, console = RuleSet.load(), list[Row](), Console(width=160)
    with tempfile.TemporaryDirectory() as folder, WorkerPool() as pool:
        for case in chosen:
            # Any exception: a case that does not work must not stop the others.
            try:
                row = measure(case, given.cache, rules, pool, Path(folder))
            except Exception as error:
                row = Row(case.id, Counter(), (), f"{type(error).__name__}: {error}"[:160])
            rows.append(row)
            console.print(f"{case.id}: {dict(row.verdicts)} {row.failure}", markup=False)
            for text in row.contradictions:
                console.print(f"  {text}", markup=False)
    console.print(table(rows))


if __name__ == "__main__":
    main()
