"""Public models through every mode of the verifier, and a table of what each mode says.

    python -m benchmarks.modes --cases FILE --cache DIR [--tier easy | --only ID ...] [--mode MODES]

Cases run one after another, on warm workers. The result of each is kept in the work folder, with
the state of the compiler that it is for; a run takes up where another was cut off. Results of an
older state count where `--older` says so. `--table` prints what is there, and runs nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfjax.transpiler.verify.api import Runner, run_case
from tfjax.transpiler.verify.drivers import in_training
from tfjax.transpiler.verify.judge import describe
from tfjax.transpiler.verify.modes import Mode, parse_modes
from tfjax.transpiler.verify.pool import WorkerPool
from tfjax.transpiler.verify.result import SKIPPED, Comparison, VerifyResult

from .cases.cache import compiler_digest
from .cases.case import TIERS, Case, load_cases, select
from .cases.compile import compile_case
from .cases.fetch import fetch_all
from .cases.options import RunOptions
from .cases.result import CaseResult
from .cases.verify import build_case, weight_rules

SHORT = {"inconclusive": "unclear", "skipped": "-"}
Record = dict[str, Any]


def run_modes(
    case: Case, options: RunOptions, modes: Sequence[Mode], pool: WorkerPool, work: Path
) -> Record:
    """What came of one case, as plain data: a verdict and a line of text for each mode."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    training = in_training(case.call)
    result = CaseResult(case.id, case.tier)
    limits = (options.compile_timeout_s, options.memory_gib)
    if not compile_case(case, options.cache, work, result, *limits, training=training):
        return _record(case, "error", "compile", result.top)
    built = build_case(case, options, work, training, modes)
    found = run_case(built, Runner(pool, weight_rules(), options.work / "oracle"), work / "verify")
    return record_of(case, found, modes)


def record_of(case: Case, found: VerifyResult, modes: Sequence[Mode]) -> Record:
    record = _record(case, found.verdict, found.reason, found.message)
    comparisons = {mode: found.modes.get(mode, SKIPPED) for mode in modes if found.modes}
    record["modes"] = {mode: _said(one) for mode, one in comparisons.items()}
    record["seconds"] = round(found.seconds.oracle + found.seconds.target)
    record["notes"] = list(found.messages)
    record["randomness_disabled"] = found.randomness_disabled
    if found.divergence is not None and found.verdict != "pass":
        record["divergence"] = found.divergence.describe()
    return record


def _record(case: Case, verdict: str, reason: str, message: str) -> Record:
    said = {"verdict": verdict, "reason": reason, "message": message[:500]}
    return {"id": case.id, "tier": case.tier, "modes": {}, "seconds": 0} | said


def _said(comparison: Comparison) -> Record:
    worst = comparison.worst
    share = worst.badness if worst is not None and worst.tolerance else None
    text = comparison.message if comparison.verdict == "skipped" else describe(comparison)
    return {
        "verdict": comparison.verdict,
        "of_tolerance": None if share is None or share == float("inf") else round(share, 4),
        "leaves": comparison.leaves,
        "message": text[:500],
        "note": comparison.message[:500],
    }


def table(records: Sequence[Record], modes: Sequence[Mode]) -> str:
    """Markdown: a row for each case, the counts of each mode, and why what did not pass did not."""
    head = ["case", *modes, "s"]
    lines = [_row(head), _row(["---"] * len(head))]
    for record in records:
        cells = [_cell(record, mode) for mode in modes]
        lines.append(_row([record["id"], *cells, str(record["seconds"])]))
    lines += ["", _row(["mode", "pass", "fail", "unclear", "skipped", "not reached"])]
    lines.append(_row(["---"] * 6))
    for mode in modes:
        count = Counter(r["modes"].get(mode, {}).get("verdict", "") for r in records)
        failed = count["fail"] + count["error"]
        counts = (count["pass"], failed, count["inconclusive"], count["skipped"], count[""])
        lines.append(_row([mode, *map(str, counts)]))
    lines += ["", *_reasons(records)]
    return "\n".join(lines)


def _reasons(records: Sequence[Record]) -> list[str]:
    lines: list[str] = []
    for record in records:
        if not record["modes"] and record["verdict"] != "pass":
            lines.append(f"* {record['id']}: {record['reason']}: {record['message'][:240]}")
        for mode, said in record["modes"].items():
            if said["verdict"] != "pass":
                lines.append(
                    f"* {record['id']}, {mode}: {said['verdict']}: {said['message'][:240]}"
                )
    return lines


def _cell(record: Record, mode: str) -> str:
    said = record["modes"].get(mode)
    if said is None:
        return "" if record["modes"] else record["verdict"]
    share = said["of_tolerance"]
    verdict = SHORT.get(said["verdict"], said["verdict"])
    return verdict if share is None or said["verdict"] == "skipped" else f"{verdict} {share:.2g}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _kept(path: Path, state: str, older: bool) -> Record | None:
    try:
        record: Record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if older or record["state"] == state else None


def main() -> int:
    args = _arguments()
    cases = select(load_cases(args.cases), args.tier, args.only)
    packages = json.loads((args.cases.parent / "packages.json").read_text("utf-8"))
    cache, modes = args.cache.resolve(), parse_modes(args.mode)
    work = cache / ".tfjax-cases" / "modes"
    work.mkdir(parents=True, exist_ok=True)
    if not args.table:
        fetch_all((path for case in cases for path in case.paths), packages, cache)
    options = RunOptions(
        cache=cache,
        work=cache / ".tfjax-cases",
        compile_timeout_s=args.compile_timeout,
        verify_timeout_s=2 * args.timeout,
        memory_gib=args.memory_gib,
    )
    state = compiler_digest()
    records: list[Record] = []
    compiled = work / "compiled"
    if args.hurry:
        compiled.mkdir(exist_ok=True)
    with WorkerPool(compiled if args.hurry else None) as pool:
        for case in cases:
            path = work / f"{case.id}.json"
            record = _kept(path, state, args.older or args.table)
            if record is None and not args.table:
                found = run_modes(case, options, modes, pool, work / case.id)
                record = found | {"state": state}
                path.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
                cells = ", ".join(f"{m} {s['verdict']}" for m, s in record["modes"].items())
                said = f"{record['verdict']} {record['reason']} {record['message'][:160]}"
                print(f"{case.id}: {said} ({cells}) {record['seconds']} s", flush=True)
            records += [] if record is None else [record]
    print(table(records, modes))
    states = len({record["state"] for record in records})
    print(f"\n{len(records)} of {len(cases)} cases, {states} states of the compiler")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tier", choices=[*TIERS, "core", "all"], default="easy")
    parser.add_argument("--only", action="append", default=[], metavar="ID")
    parser.add_argument("--mode", default="all")
    parser.add_argument("--older", action="store_true", help="keep results of older states")
    parser.add_argument("--table", action="store_true", help="print what is there, run nothing")
    parser.add_argument("--hurry", action="store_true", help="XLA compiles without optimisation")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for each worker")
    parser.add_argument("--compile-timeout", type=float, default=300.0, metavar="S")
    parser.add_argument("--memory-gib", type=float, default=12.0, metavar="N")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
