"""`verify_case`: run source and target in processes of their own and say whether they agree."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .cache import lookup, oracle_key, store
from .case import VerifyCase, WeightRules
from .codec import decode, encode
from .frozen import safe
from .judge import judge
from .phases import Phase, merge_training, phases_of, without_training
from .pool import WorkerPool, jobs_that_fit
from .result import Comparison, Divergence, Parameters, Seconds, VerifyResult

_POLL_S = 0.05
_UNDECIDED = ("nondeterministic", "timeout", "memory", "crash", "disk")


@dataclass(frozen=True, slots=True)
class Pythons:
    """Interpreters of the two workers, where they are not this one."""

    oracle: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Runner:
    """What a verification runs with.

    oracle_cache  folder of stored oracle results
    recorded      folders of recorded results by case and phase: no source is run, see `frozen.py`
    keep          is given the case, the phase and the folder of every oracle result
    keep_proof    is given the case and the folder of what a test needs to prove it again
    """

    pool: WorkerPool
    rules: WeightRules
    oracle_cache: Path | None = None
    pythons: Pythons = Pythons()
    recorded: Callable[[str, bool], Path] | None = None
    keep: Callable[[str, bool, Path], None] | None = None
    keep_proof: Callable[[str, Path], None] | None = None


def verify_case(
    case: VerifyCase,
    weight_rules: WeightRules,
    *,
    workdir: Path | None = None,
    oracle_cache: Path | None = None,
    pythons: Pythons | None = None,
    pool: WorkerPool | None = None,
) -> VerifyResult:
    """The verdict on a case; raises nothing for what the case's programs do.

    workdir       kept afterwards, one folder per case (job files, logs, tensors); else temporary
    oracle_cache  folder of stored oracle results
    pool          warm workers; without it some are started for this case alone
    """
    (result,) = verify_cases(
        [case],
        weight_rules,
        workdir=workdir,
        oracle_cache=oracle_cache,
        pythons=pythons,
        pool=pool,
    )
    return result


def verify_cases(
    cases: Sequence[VerifyCase],
    weight_rules: WeightRules,
    *,
    jobs: int = 1,
    workdir: Path | None = None,
    oracle_cache: Path | None = None,
    pythons: Pythons | None = None,
    pool: WorkerPool | None = None,
) -> list[VerifyResult]:
    """Results in the order of the cases; `jobs` cases at a time, fewer where memory is short."""
    with nullcontext(pool) if pool is not None else WorkerPool() as workers:
        runner = Runner(workers, weight_rules, oracle_cache, pythons or Pythons())
        return run_cases(cases, runner, jobs, workdir)


def run_cases(
    cases: Sequence[VerifyCase], runner: Runner, jobs: int, workdir: Path | None = None
) -> list[VerifyResult]:
    """As `verify_cases`, with what a runner holds."""
    with ThreadPoolExecutor(max_workers=jobs_that_fit(jobs)) as threads:
        running = [threads.submit(run_case, case, runner, workdir) for case in cases]
        return [one.result() for one in running]


def run_case(case: VerifyCase, runner: Runner, workdir: Path | None = None) -> VerifyResult:
    """As `verify_case`, with what a runner holds."""
    if workdir is not None:
        workdir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{safe(case.name)}-", dir=workdir)).resolve()
    try:
        return _verify(case, folder, runner)
    finally:
        if workdir is None:
            shutil.rmtree(folder, ignore_errors=True)


def _verify(case: VerifyCase, folder: Path, runner: Runner) -> VerifyResult:
    first, *further = phases_of(case)
    result = _run_phase(first, folder, runner)
    modes = result.modes | without_training(case)
    divergence = result.divergence
    seconds, messages = result.seconds, list(result.messages)
    if result.verdict != "error" and result.outputs.verdict == "pass":
        for phase in further:
            trained = _run_phase(phase, folder / "training", runner)
            modes |= _training_modes(trained, case)
            divergence = divergence or trained.divergence
            messages += [text for text in trained.messages if text not in messages]
            spent = trained.seconds
            seconds = Seconds(seconds.oracle + spent.oracle, seconds.target + spent.target)
    if result.verdict == "error":
        return result
    verdict, reason, message = judge(result.parameters, modes)
    return replace(
        result,
        modes=modes,
        verdict=verdict,
        reason=reason,
        message=message,
        seconds=seconds,
        messages=tuple(messages),
        divergence=None if verdict == "pass" else divergence,
    )


def _training_modes(trained: VerifyResult, case: VerifyCase) -> dict[str, Comparison]:
    if trained.verdict != "error":
        found = trained.modes
        if not found:  # the weights do not pair
            found = {"outputs": Comparison("fail", message=trained.message)}
        return merge_training(found, case)
    text = f"{trained.reason}: {trained.message}"
    if trained.reason == "source-error" and "'training'" in trained.message:
        said = Comparison("skipped", message="the call takes no `training`")
    elif trained.reason.startswith("source") or trained.reason in _UNDECIDED:
        said = Comparison("inconclusive", message=text)
    else:
        said = Comparison("fail", message=text)
    return {mode: said for mode in ("train", "trajectory") if mode in case.modes}


def _run_phase(phase: Phase, folder: Path, runner: Runner) -> VerifyResult:
    case, cache = phase.case, runner.oracle_cache
    if runner.recorded is not None:
        stored: Path | None = runner.recorded(case.name, phase.training)
        calm = json.loads((stored / "result.json").read_text())["randomness"] is False
        case = replace(case, randomness=False) if calm else case
    else:
        case, stored = _stored(case, cache)
    seconds = 0.0
    oracle_folder = stored or folder / "oracle"
    if stored is None:
        run = runner.pool.run
        oracle = run("oracle_worker", case, oracle_folder, {}, runner.pythons.oracle)
        seconds = float(oracle["seconds"])
        if oracle.get("reason") == "nondeterministic" and case.randomness:
            calm = replace(case, randomness=False)
            again = folder / "oracle_without_randomness"
            second = run("oracle_worker", calm, again, {}, runner.pythons.oracle)
            seconds += float(second["seconds"])
            if second["status"] == "ok":
                case, oracle, oracle_folder = calm, second, again
        if oracle["status"] != "ok":
            return _error(case, oracle, Seconds(seconds, 0.0), cached=False)
        if cache is not None:
            oracle_folder = store(cache, oracle_key(case), oracle_folder)
    if runner.keep is not None:
        runner.keep(case.name, phase.training, oracle_folder)
    extra = {"oracle": str(oracle_folder.resolve()), "rules": encode(list(runner.rules))}
    proves = runner.keep_proof if not phase.training and case.randomness else None
    extra |= {"proof": True} if proves is not None else {}
    searches = "worst" in case.modes and runner.recorded is None
    extra |= {"server": str(folder / "server")} if searches else {}
    with _server(case, folder, extra["oracle"], runner) if searches else nullcontext():
        run = runner.pool.run
        target = run("jax_worker", case, folder / "target", extra, runner.pythons.target)
    if proves is not None and (folder / "target" / "proof.json").is_file():
        proves(case.name, folder / "target")
    spent = Seconds(seconds, float(target["seconds"]))
    if target["status"] != "ok":
        kept = _kept(case, target, folder / "target" / "so_far.json")
        if kept is None:
            return _error(case, target, spent, cached=stored is not None)
        target = kept
    return _result(case, target, spent, cached=stored is not None)


@contextmanager
def _server(case: VerifyCase, folder: Path, oracle: str, runner: Runner) -> Generator[None]:
    """A process of the source's side that answers questions, started with the first of them."""
    asks, over = folder / "target" / "asks", threading.Event()
    extra = {"asks": str(asks), "oracle": oracle}

    def serve() -> None:
        while not (asks / "0.safetensors").exists():
            if over.wait(_POLL_S):
                return
        python = runner.pythons.oracle
        runner.pool.run("oracle_worker", case, folder / "server", extra, python)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        if asks.is_dir():
            (asks / "end").touch()
        thread.join()


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


def _kept(case: VerifyCase, worker: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """The result of a worker that died in one of the later modes: that mode is undecided, and so
    are those after it."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text())
    result: dict[str, Any] = found["result"]
    died = Comparison("inconclusive", message=f"{worker['reason']}: {worker['message']}")
    later = Comparison("inconclusive", message=f"not reached: {died.message}")
    modes: dict[str, Any] = {
        mode: encode(died if mode == found["mode"] else later)
        for mode in case.modes
        if mode not in result["modes"]
    }
    return result | {"modes": result["modes"] | modes, "sandbox": found["sandbox"]}


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
        sandbox=tuple(worker.get("sandbox", ())),
        divergence=decode(Divergence | None, worker.get("divergence")),  # pyright: ignore
    )


def _result(
    case: VerifyCase, worker: dict[str, Any], seconds: Seconds, *, cached: bool
) -> VerifyResult:
    parameters = decode(Parameters, worker["parameters"])
    modes = decode(dict[str, Comparison], worker["modes"])
    verdict, reason, message = judge(parameters, modes)
    return VerifyResult(
        name=case.name,
        verdict=verdict,
        reason=reason,
        message=message,
        parameters=parameters,
        modes=modes,
        depth=int(worker["depth"]),
        runs=int(worker["runs"]),
        oracle_cached=cached,
        seconds=seconds,
        messages=tuple(worker["messages"]),
        randomness_disabled=not case.randomness,
        sandbox=tuple(worker["sandbox"]),
        divergence=decode(Divergence | None, worker["divergence"]),  # pyright: ignore
    )
