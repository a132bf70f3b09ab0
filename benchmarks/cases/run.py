"""Run the cases, several at a time, keep each result, and take up where a run was cut off."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cache import REPOSITORY, compiler_digest, result_key
from .case import Case
from .limits import run_limited
from .options import RunOptions
from .result import CaseResult, load_result
from .worker import write_request

# The worker only waits for its own limited children: it may take a little longer than they do.
_GRACE_S = 30.0


def run_cases(
    cases: Sequence[Case],
    options: RunOptions,
    unfetched: dict[str, str],
    on_result: Callable[[CaseResult, bool], None],
) -> list[CaseResult]:
    """Results in the order of `cases`; `on_result(result, kept)` is called as they come.

    `unfetched` gives the reason why a folder of the cache is missing.
    """
    compiler = compiler_digest()

    def one(case: Case) -> CaseResult:
        work = options.work / case.id
        key = result_key(case, compiler, options.verify)
        kept = None if options.fresh else load_result(work / "result.json")
        if kept is not None and kept.key == key and kept.settled:
            on_result(kept, True)
            return kept
        missing = [unfetched[path] for path in case.paths if path in unfetched]
        result = _missing(case, missing[0]) if missing else _run_one(case, options, key, work)
        on_result(result, False)
        return result

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(one, cases))


def _run_one(case: Case, options: RunOptions, key: str, work: Path) -> CaseResult:
    request = write_request(case, options, key, work)
    allowed = options.compile_timeout_s + options.verify_timeout_s + _GRACE_S
    outcome = run_limited(
        [sys.executable, "-m", "benchmarks.cases.worker", str(request)],
        log=work / "worker.log",
        timeout_s=allowed,
        memory_gib=2 * options.memory_gib,
        cwd=REPOSITORY,  # where `-m` finds this package
    )
    result = load_result(work / "result.json")
    if result is None:
        reason = f"no result in {allowed:.0f} s" if outcome.timed_out else f"code {outcome.code}"
        result = CaseResult(case.id, case.tier, top=f"the worker failed: {reason}")
        result.log, result.settled, result.key = outcome.tail, False, key
    return result


def _missing(case: Case, reason: str) -> CaseResult:
    return CaseResult(case.id, case.tier, top=reason, settled=False)
