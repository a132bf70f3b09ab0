"""The command: fetch, compile, verify, print a table, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from .case import TIERS, Case, load_cases, select
from .fetch import fetch_all
from .options import RunOptions
from .result import CaseResult
from .run import run_cases
from .table import print_results, summary, totals

CASES_VARIABLE, CACHE_VARIABLE = "TFJAX_CASES", "TFJAX_CASES_CACHE"


def main(argv: Sequence[str] | None = None) -> int:
    """0 when every case was run, whatever came of it; 2 for wrong usage."""
    args = _parser().parse_args(argv)
    if args.cases is None or not args.cases.is_file():
        print(f"no case list: give --cases FILE or set {CASES_VARIABLE}", file=sys.stderr)
        return 2
    try:
        cases = select(load_cases(args.cases), args.tier, args.only)
        packages = json.loads((args.cases.parent / "packages.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        print(f"cannot use the case list: {error}", file=sys.stderr)
        return 2
    cache = args.cache.resolve()
    unfetched = fetch_all((path for case in cases for path in case.paths), packages, cache)
    options = RunOptions(
        cache=cache,
        work=(args.work or cache / ".tfjax-cases").resolve(),
        jobs=args.jobs,
        verify=not args.no_verify,
        fresh=args.fresh,
        compile_timeout_s=args.compile_timeout,
        verify_timeout_s=args.verify_timeout,
        memory_gib=args.memory_gib,
    )
    results = _run(cases, options, unfetched)
    # Wide enough for the first reasons, also in a log file.
    print_results(results, Console(width=max(Console().width, 170)))
    if args.json:
        write_json(results, args.json)
    return 0


def write_json(results: Sequence[CaseResult], path: Path) -> None:
    """Totals by tier and every result with its diagnostics."""
    data = {"totals": totals(results), "cases": [asdict(result) for result in results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _run(cases: Sequence[Case], options: RunOptions, unfetched: dict[str, str]) -> list[CaseResult]:
    done = 0

    def progress(result: CaseResult, kept: bool) -> None:
        nonlocal done
        done += 1
        note = "  (kept)" if kept else ""
        print(f"[{done}/{len(cases)}] {summary(result)}{note}", file=sys.stderr, flush=True)

    return run_cases(cases, options, unfetched, progress)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__)
    default_list = os.environ.get(CASES_VARIABLE)
    parser.add_argument(
        "--cases",
        type=Path,
        default=Path(default_list) if default_list else None,
        help=f"the case list, with packages.json beside it (default: ${CASES_VARIABLE})",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(os.environ.get(CACHE_VARIABLE, "benchmarks/cache")),
        help=f"folder for the packages (default: ${CACHE_VARIABLE} or benchmarks/cache)",
    )
    parser.add_argument("--work", type=Path, help="folder for outputs and results")
    parser.add_argument("--tier", choices=[*TIERS, "core", "all"], default="easy")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="may be repeated")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cases at the same time")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything as JSON")
    parser.add_argument("--no-verify", action="store_true", help="compile only")
    parser.add_argument("--fresh", action="store_true", help="ignore the results that were kept")
    parser.add_argument("--compile-timeout", type=float, default=120.0, metavar="S")
    parser.add_argument("--verify-timeout", type=float, default=600.0, metavar="S")
    parser.add_argument("--memory-gib", type=float, default=12.0, metavar="N", help="for each case")
    return parser
