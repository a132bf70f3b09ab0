"""`verify_case`: run source and target in processes of their own and say whether they agree."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .cache import lookup, oracle_key, store
from .case import VerifyCase, WeightRules
from .codec import decode, encode
from .process import run_worker
from .result import (
    SKIPPED,
    Comparison,
    Parameters,
    Seconds,
    Verdict,
    VerifyResult,
)


@dataclass(frozen=True, slots=True)
class Pythons:
    """Interpreters of the two workers, where they are not this one."""

    oracle: str | None = None
    target: str | None = None


def verify_case(
    case: VerifyCase,
    weight_rules: WeightRules,
    *,
    workdir: Path | None = None,
    oracle_cache: Path | None = None,
    pythons: Pythons | None = None,
) -> VerifyResult:
    """The verdict on a case; raises nothing for what the case's programs do.

    workdir       kept afterwards, one folder per case (job files, logs, tensors); else temporary
    oracle_cache  folder of stored oracle results
    """
    pythons = pythons or Pythons()
    if workdir is not None:
        workdir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_safe(case.name)}-", dir=workdir)).resolve()
    try:
        return _verify(case, weight_rules, folder, oracle_cache, pythons)
    finally:
        if workdir is None:
            shutil.rmtree(folder, ignore_errors=True)


def verify_cases(
    cases: Sequence[VerifyCase],
    weight_rules: WeightRules,
    *,
    jobs: int = 1,
    workdir: Path | None = None,
    oracle_cache: Path | None = None,
    pythons: Pythons | None = None,
) -> list[VerifyResult]:
    """Results in the order of the cases; `jobs` cases at a time."""

    def one(case: VerifyCase) -> VerifyResult:
        return verify_case(
            case, weight_rules, workdir=workdir, oracle_cache=oracle_cache, pythons=pythons
        )

    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        return list(pool.map(one, cases))


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:60] or "case"


def _verify(
    case: VerifyCase,
    rules: WeightRules,
    folder: Path,
    oracle_cache: Path | None,
    pythons: Pythons,
) -> VerifyResult:
    case, stored = _stored(case, oracle_cache)
    seconds = 0.0
    oracle_folder = stored or folder / "oracle"
    if stored is None:
        oracle = run_worker("oracle_worker", case, oracle_folder, {}, pythons.oracle)
        seconds = float(oracle["seconds"])
        if oracle.get("reason") == "nondeterministic" and case.randomness:
            calm = replace(case, randomness=False)
            again = folder / "oracle_without_randomness"
            second = run_worker("oracle_worker", calm, again, {}, pythons.oracle)
            seconds += float(second["seconds"])
            if second["status"] == "ok":
                case, oracle, oracle_folder = calm, second, again
        if oracle["status"] != "ok":
            return _error(case, oracle, Seconds(seconds, 0.0), cached=False)
        if oracle_cache is not None:
            oracle_folder = store(oracle_cache, oracle_key(case), oracle_folder)
    extra = {"oracle": str(oracle_folder.resolve()), "rules": encode(list(rules))}
    target = run_worker("jax_worker", case, folder / "target", extra, pythons.target)
    spent = Seconds(seconds, float(target["seconds"]))
    if target["status"] != "ok":
        return _error(case, target, spent, cached=stored is not None)
    return _result(case, target, spent, cached=stored is not None)


def _stored(case: VerifyCase, cache: Path | None) -> tuple[VerifyCase, Path | None]:
    """A stored oracle result, and the case that it is for: where the only one was made with
    randomness disabled, the source was found to be random before."""
    if cache is None:
        return case, None
    for one in (case, replace(case, randomness=False)):
        found = lookup(cache, oracle_key(one))
        if found is not None:
            return one, found
    return case, None


def _error(
    case: VerifyCase, worker: dict[str, Any], seconds: Seconds, *, cached: bool
) -> VerifyResult:
    return VerifyResult(
        name=case.name,
        verdict="error",
        reason=worker["reason"],
        message=worker["message"],
        traceback=worker["traceback"],
        seconds=seconds,
        oracle_cached=cached,
        randomness_disabled=not case.randomness,
    )


def _result(
    case: VerifyCase, worker: dict[str, Any], seconds: Seconds, *, cached: bool
) -> VerifyResult:
    parameters = decode(Parameters, worker["parameters"])
    modes: dict[str, Comparison] = {
        mode: decode(Comparison, worker[mode]) if mode in worker else SKIPPED
        for mode in ("outputs", "gradients", "state")
    }
    verdict, reason, message = _judge(parameters, modes)
    return VerifyResult(
        name=case.name,
        verdict=verdict,
        reason=reason,
        message=message,
        parameters=parameters,
        outputs=modes["outputs"],
        gradients=modes["gradients"],
        state=modes["state"],
        depth=int(worker["depth"]),
        runs=int(worker["runs"]),
        oracle_cached=cached,
        seconds=seconds,
        messages=tuple(worker["messages"]),
        randomness_disabled=not case.randomness,
    )


def _judge(parameters: Parameters, modes: dict[str, Comparison]) -> tuple[Verdict, str, str]:
    """The first thing that went wrong, in the order in which it matters."""
    outputs, gradients, state = modes["outputs"], modes["gradients"], modes["state"]
    if outputs.verdict == "fail" and outputs.worst and outputs.worst.reason != "value":
        return "fail", outputs.worst.reason, f"{outputs.worst.path}: {outputs.worst.message}"
    if parameters.problems or not parameters.complete:
        left = [f"no target for {s}" for s in parameters.unused_sources]
        left += [f"no source for {t}" for t in parameters.uncovered_targets]
        return "fail", "pairing", "; ".join([*left, *parameters.problems][:4])
    if outputs.verdict != "pass":
        reason = outputs.worst.reason if outputs.worst else "value"
        return outputs.verdict, reason, _describe(outputs)
    if state.verdict not in ("pass", "skipped"):
        return state.verdict, "state", _describe(state)
    if gradients.verdict == "inconclusive" and gradients.message:
        return "inconclusive", "gradient-unavailable", gradients.message
    if gradients.verdict not in ("pass", "skipped"):
        return gradients.verdict, "gradient", _describe(gradients)
    return "pass", "", ""


def _describe(comparison: Comparison) -> str:
    worst = comparison.worst
    if worst is None:
        return comparison.message
    if worst.message:
        return f"{worst.path}: {worst.message}"
    at = ", ".join(str(i) for i in worst.index)
    return (
        f"{worst.path}[{at}] is {worst.target_value:.7g} instead of {worst.source_value:.7g}: "
        f"error {worst.max_error:.2e}, tolerance {worst.tolerance:.2e}"
    )
