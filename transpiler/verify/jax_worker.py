"""The JAX side."""
# pyright: basic

from __future__ import annotations

import importlib
import json
import sys
import warnings
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import jax_randomness
from .case import Side, VerifyCase, WeightRule
from .codec import decode, encode
from .places import Files
from .result import Comparison, Divergence
from .structure import Structure
from .worker_base import Job, main

if TYPE_CHECKING:
    from .jax_trace import CreationSites
    from .pairing import Candidate

SOURCE_FRAMEWORKS = ("tensorflow", "keras", "tf_keras")
MAX_CANDIDATES = 6


class NoDevice(Exception):
    """The platform that was asked for is not there."""

    reason = "platform"


class TargetError(Exception):
    """The translation raises as it is called; where its values had parted before."""

    def __init__(self, divergence: Divergence | None) -> None:
        super().__init__()
        self.divergence = encode(divergence)


def run(job: Job) -> dict[str, Any]:
    case = job.case
    job.stage("target-import")
    for name in SOURCE_FRAMEWORKS:  # translated code stands on its own
        sys.modules[name] = None  # type: ignore[assignment]
    import jax

    _check_device(case.platform)
    jax.config.update("jax_enable_x64", case.x64)
    jax.config.update("jax_default_matmul_precision", "highest")
    if "compiled" in job.data:
        jax.config.update("jax_compilation_cache_dir", job.data["compiled"])
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if not case.randomness:
        jax_randomness.disable_masks()
        jax_randomness.replace_draws()
    from .jax_trace import CreationSites

    sites = CreationSites(Files.of(case.target.paths, case.target.module))
    sites.install()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        return _run(job, said, sites)


def _check_device(platform: str) -> None:
    import jax

    if platform == "cpu":
        return
    try:
        jax.devices(platform)
    except RuntimeError as error:  # says so in many words, some of them about other platforms
        text = str(error).strip().partition("\n")[0][:200]
        raise NoDevice(f"JAX finds no {platform.upper()} on this machine ({text})") from error


def _run(job: Job, said: list[warnings.WarningMessage], sites: CreationSites) -> dict[str, Any]:
    case = job.case
    scope = _namespace(case.target)
    if not case.randomness:
        jax_randomness.disable_noise(case.target.paths)
    job.stage("target-build")
    model = _build(case.target, scope)
    job.stage("target-call")
    return _verify(job, scope, model, said, sites)


def _build(side: Side, scope: dict[str, Any]) -> Any:
    model = eval(side.build, scope)
    if side.eval_mode:
        model.eval()
    return model


def _namespace(side: Side) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp
    import numpy as np
    from flax import nnx

    sys.path[:0] = list(side.paths)
    sys.argv = ["case"]
    scope: dict[str, Any] = {"jax": jax, "jnp": jnp, "np": np, "nnx": nnx, "importlib": importlib}
    exec(side.pre, scope)
    scope["m"] = importlib.import_module(side.module)
    exec(side.setup, scope)
    return scope


def _verify(
    job: Job,
    scope: dict[str, Any],
    model: Any,
    said: list[warnings.WarningMessage],
    sites: CreationSites,
) -> dict[str, Any]:
    from .jax_compare import Comparer
    from .jax_exchange import Exchange
    from .jax_explain import Search, explain, explain_error
    from .jax_modes import Measured, further_modes
    from .jax_proof import write_proof
    from .jax_run import trace
    from .jax_structure import structure_of
    from .pairing import Pairing
    from .tensors import load_tensors

    case = job.case
    oracle_folder = Path(job.data["oracle"])
    oracle = json.loads((oracle_folder / "result.json").read_text())
    tensors = load_tensors(oracle_folder / "oracle.safetensors")

    def call(model: Any, inputs: dict[str, Any]) -> Any:
        return eval(case.target.call, scope | {"model": model} | inputs)

    comparer = Comparer(case, model, call, oracle, tensors)
    rules = decode(tuple[WeightRule, ...], job.data["rules"])
    source = decode(Structure, oracle["structure"])
    first: dict[Any, int] = {}
    error: Exception | None = None
    shapes: dict[str, Any] = {}
    try:
        shapes = trace(model, call, comparer.skeletons(0), comparer.arrays(0, 0), first)
    except Exception as raised:
        error = raised
    structure, paths = structure_of(model, first)
    candidates = Pairing(source, structure, rules, case.rename).candidates()
    if error is not None:
        others = _fitting(candidates[1:])
        search = Search(comparer, oracle["traces"], sites, candidates[0], source, paths, others)
        raise TargetError(explain_error(search, error)) from error
    shape_report = comparer.check_shapes(shapes)
    best = candidates[0]
    outcome: dict[str, Any] = {}
    if shape_report is not None:
        outcome = {"outputs": encode(shape_report)}
    elif not best.uncovered_targets and not best.problems:
        for candidate in candidates[:MAX_CANDIDATES]:
            found = comparer.compare(candidate, source, paths)
            if not outcome or _closeness(found) > _closeness(outcome):
                outcome, best = found, candidate
            if found["outputs"]["verdict"] != "fail":
                break
        if outcome["outputs"]["verdict"] == "pass":
            comparer.load(best, paths)
            server = job.data.get("server")
            exchange = Exchange(job.folder / "asks", Path(server) / "answers") if server else None
            rebuild = partial(_build, case.target, scope)
            measured = Measured(case, comparer, best, source, paths, said, rebuild, exchange)
            if "proof" in job.data:
                write_proof(measured, job.folder)
            facts = _facts(case, oracle, best, source, structure)
            for mode, run_mode in further_modes(case.modes):
                job.so_far(facts | {"modes": outcome}, mode)
                outcome |= {mode: encode(run_mode(measured))}
            job.stage("target-call")
    others = [one for one in _fitting(candidates) if one is not best]
    search = Search(comparer, oracle["traces"], sites, best, source, paths, others)
    divergence = encode(explain(search, decode(dict[str, Comparison], outcome)))
    facts = _facts(case, oracle, best, source, structure)
    return facts | {"modes": outcome, "divergence": divergence}


def _fitting(candidates: list[Candidate]) -> list[Candidate]:
    """Those under which every variable of the translation has a value."""
    fitting = (one for one in candidates if not one.uncovered_targets and not one.problems)
    return list(islice(fitting, MAX_CANDIDATES))


def _closeness(found: dict[str, Any]) -> tuple[bool, int, float]:
    """How near a weight map comes: a wrong translation is reported under the right one."""
    outputs = decode(Comparison, found["outputs"])
    error = outputs.worst.relative_error if outputs.worst else 0.0
    return outputs.verdict != "fail", outputs.passed, -error


def _facts(
    case: VerifyCase, oracle: Any, best: Any, source: Structure, structure: Structure
) -> dict[str, Any]:
    """What the result says beside the modes."""
    return {
        "divergence": None,
        "depth": oracle["depth"],
        "runs": len(oracle["runs"]),
        "parameters": _parameters(best, source, structure),
        "messages": oracle["notes"],
    }


def _parameters(best: Any, source: Structure, target: Structure) -> dict[str, Any]:
    names = {v.id: v for v in source.variables}
    goals = {v.id: v for v in target.variables}
    needed = ("param", "stat")
    source_total = sum(v.role in needed for v in source.variables)
    target_total = sum(v.role in needed for v in target.variables)
    scalars = 0
    for variable in target.variables:
        if variable.role in needed:
            size = 1
            for d in variable.shape:
                size *= d
            scalars += size
    return {
        "source_mapped": source_total - len(best.unused_sources),
        "source_total": source_total,
        "target_mapped": target_total - len(best.uncovered_targets),
        "target_total": target_total,
        "scalars": scalars,
        "strategy": best.strategy,
        "unused_sources": [f"{names[i].path} {list(names[i].shape)}" for i in best.unused_sources],
        "uncovered_targets": [
            f"{goals[i].path} {list(goals[i].shape)}" for i in best.uncovered_targets
        ],
        "problems": list(best.problems),
        "key_map": [
            {
                "source": [names[i].path for i in m.sources],
                "target": goals[m.target].path,
                "steps": list(m.steps),
            }
            for m in best.moves
        ],
    }


def preload() -> None:
    """What the zygote does before it forks: imports are all, see `zygote`."""


def start(path: Path) -> None:
    """Runs the job of a file in this process, and ends it."""
    main(run, path)
