"""The weight maps of a project's programs: proved by a verification, then named by saved files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...rules.language import RuleSet
from ...rules.language.cache import cache_folder
from ..cli.verification import VerifyResult as Shown
from ..diagnostics import codes
from ..project import CompiledProject, Options
from ..weights.weight_map import Layout, SourceVariable, TargetVariable, WeightMap
from .api import Runner, run_cases
from .case import VerifyCase
from .codec import decode
from .modes import parse_modes
from .options import VerifyOptions
from .pool import WorkerPool
from .prepare import prepare_all
from .project import weight_rules
from .result import VerifyResult
from .shown import shown
from .structure import Structure
from .tasks import tasks_of

if TYPE_CHECKING:
    from ..cli.config import Config


def weight_maps(
    project: CompiledProject,
    config: Config,
    options: Options,
    wanted: VerifyOptions,
    program: str | None = None,
) -> tuple[list[WeightMap], list[Shown]]:
    """The maps of the programs whose outputs agree (all, or the one that is named), and what is to
    be said of the others. Raises ModuleNotFoundError when a framework is missing."""
    rules = weight_rules(RuleSet.load(extra=options.rules))
    by_module = {file.source.module: file for file in project.files}
    tasks, problems = tasks_of(by_module, config, project.flavour, training=False)
    tasks = [task for task in tasks if program in (None, task.program.name)]
    wanted = replace(wanted, modes=parse_modes("outputs"))
    cache = cache_folder()
    with tempfile.TemporaryDirectory(prefix="tfjax-weights-") as folder, WorkerPool() as pool:
        place = Path(folder)
        drivers = place / "drivers" if cache is None else cache / "drivers"
        groups = prepare_all(project, tasks, options, wanted, place, drivers)
        cases = [case for _, made, _ in groups for case in made.cases]
        runner = Runner(pool, rules, None if cache is None else cache / "oracle")
        results = run_cases(cases, runner, wanted.jobs)
        maps: list[WeightMap] = []
        for number, (case, result) in enumerate(zip(cases, results, strict=True)):
            found = result
            if result.verdict == "pass":
                made = pool.run("oracle_worker", patient(case), place / f"saved{number}", SAVED)
                if made["status"] == "ok":
                    maps.append(map_of(case, result, made))
                    continue
                found = replace(
                    result, verdict="error", reason=made["reason"], message=made["message"]
                )
            problems.append(shown(found, case.source.module, ()))
    if not tasks and not problems:
        problem = codes.NOTHING_TO_VERIFY.at(".", None, "no program is given or found")
        problems.append(Shown("weights", False, "no program", diagnostics=(problem,)))
    return maps, problems


SAVED = {"checkpoints": True}
PATIENCE = 4


def patient(case: VerifyCase) -> VerifyCase:
    """The case with more time: TensorFlow takes minutes to save a large model as SavedModel."""
    limits = case.limits
    longer = replace(limits, wall_s=PATIENCE * limits.wall_s, cpu_s=PATIENCE * limits.cpu_s)
    return replace(case, limits=longer)


def map_of(case: VerifyCase, result: VerifyResult, made: dict[str, Any]) -> WeightMap:
    """From a verification and what `oracle_checkpoints` recorded of the same case."""
    structure = decode(Structure, made["structure"])
    sources = tuple(
        SourceVariable(v.path, v.shape, v.dtype, v.role)
        for v in structure.variables
        if v.role != "seed"
    )
    targets = tuple(
        TargetVariable(entry.target, entry.source, entry.steps)
        for entry in result.parameters.key_map
    )
    return WeightMap(
        program=case.name,
        flavour=case.flavour,
        sources=sources,
        targets=targets,
        keys=made["keys"],
        trainable=tuple(made["trainable"]),
        layouts=decode(dict[str, Layout], made["layouts"]),
        others={name: tuple(keys) for name, keys in made["others"].items()},
        unsaved=made["unsaved"],
        initial=made["initial"],
    )
