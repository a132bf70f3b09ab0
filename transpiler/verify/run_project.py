"""`verify`: compile the drivers with the project, run both sides, say what came of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ...ir.span import Span
from ...rules.language.cache import cache_folder
from ..cli.verification import VerifyResult as Shown
from ..diagnostics import Diagnostic, codes
from ..project import CompiledFile, CompiledProject, Options
from . import frozen
from .api import Runner, run_cases
from .case import VerifyCase, WeightRules
from .deliverable import write_tests
from .ledger_link import link
from .modes import IN_TRAINING
from .options import VerifyOptions
from .pool import WorkerPool
from .prepare import Prepared, prepare_all
from .shown import shown
from .synthesis import Made, make_up
from .tasks import Task, numbered_tasks, tasks_of

if TYPE_CHECKING:
    from ..cli.config import Config


def verify_project(
    project: CompiledProject,
    config: Config,
    options: Options,
    weight_rules: WeightRules,
    wanted: VerifyOptions,
) -> list[Shown]:
    """A result for each program, in the order of the settings, then of the files.

    Raises ModuleNotFoundError when a framework is missing, FileNotFoundError when `against` lacks a
    file.
    """
    for name in ("tensorflow", "jax", "flax"):
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    by_module = {file.source.module: file for file in project.files}
    training = any(mode in IN_TRAINING for mode in wanted.modes)
    tasks, problems = tasks_of(by_module, config, project.flavour, training=training)
    cache = cache_folder()
    with tempfile.TemporaryDirectory(prefix="tfjax-verify-") as name, WorkerPool() as pool:
        folder = Path(name)
        more: list[Task] = []
        if not config.verify:
            made_up = make_up(project, [t.program.entry for t in tasks], pool, folder, cache)
            further = [(one.program, project.flavour) for one in made_up if one.program is not None]
            more, wrong = numbered_tasks(further, config, training=training, first=len(tasks))
            left = [one for one in made_up if one.program is None]
            problems += [*wrong, *_without_case(by_module, left)]
        if not tasks and not more and not problems:
            return [_nothing(project, config)]
        # The oracle's results are stored under the paths of its sources.
        drivers = folder / "drivers" if cache is None else cache / "drivers"
        cases: list[VerifyCase] = []
        notes: dict[str, tuple[Diagnostic, ...]] = {}
        texts: dict[str, str] = {}
        files: list[CompiledFile] = []
        # Sizes of cases that are made up must not reach the others.
        for some, where in ((tasks, folder / "told"), (more, folder / "made_up")):
            for group, made, place in prepare_all(project, some, options, wanted, where, drivers):
                cases += made.cases
                texts |= _driver_texts(made)
                files += made.compiled.files
                if wanted.against is None:
                    notes |= _notes(by_module, group, place)
        tasks += more
        names = [task.program.name for task in tasks]
        cases.sort(key=lambda case: names.index(case.name))
        kept = _Kept(folder / "kept") if wanted.save_oracle is not None else None
        proofs = _Proofs(folder / "proofs") if wanted.write_tests is not None else None
        runner = Runner(
            pool,
            weight_rules,
            cache / "oracle" if cache is not None else None,
            keep=kept.keep if kept else None,
            keep_proof=proofs.keep if proofs else None,
        )
        results = run_cases(cases, runner, wanted.jobs)
        if wanted.save_oracle is not None and kept is not None:
            recorded = [one for case in cases if (one := kept.recorded(case)) is not None]
            frozen.save(wanted.save_oracle, recorded, texts, weight_rules)
        if wanted.write_tests is not None and proofs is not None:
            modules = {case.name: case.target.module for case in cases}
            write_tests(wanted.write_tests, proofs.found, texts, modules)
    paths = {t.program.name: by_module[t.program.module].source.name for t in tasks}
    linked = [link(result, files) for result in results]
    found = [
        shown(result, path or paths[result.name], notes.get(result.name, ()), span)
        for result, path, span in linked
    ]
    return [*problems, *found] if found else [*problems, _nothing(project, config)]


def _without_case(by_module: Mapping[str, CompiledFile], left: Sequence[Made]) -> list[Shown]:
    """What is said of the classes and functions that no case could be made for: no failure."""
    found: list[Shown] = []
    for one in left:
        source = by_module[one.entry.partition(":")[0]].source
        message = f"no case could be made up for `{one.entry}`: {one.why}"
        span = Span(one.line, 0, one.line, 0)
        said = codes.NO_CASE.at(source.name, span, message)
        data = {"name": one.entry, "verdict": "no case", "message": one.why}
        verdict = f"no case: {one.why}"[:120]
        found.append(Shown(one.entry, True, verdict, diagnostics=(said,), data=data))
    return found


def _driver_texts(made: Prepared) -> dict[str, str]:
    """The translated drivers by module."""
    modules = {case.target.module for case in made.cases}
    modules |= {case.train.target.module for case in made.cases if case.train is not None}
    return {
        file.source.module: file.text
        for file in made.compiled.files
        if file.source.module in modules
    }


class _Proofs:
    """Copies of what tests need to prove the cases again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: dict[str, Path] = {}

    def keep(self, name: str, result: Path) -> None:
        place = self.folder / frozen.safe(name)
        place.mkdir(parents=True)
        for file in ("proof.json", "proof.safetensors"):
            shutil.copyfile(result / file, place / file)
        self.found[name] = place


class _Kept:
    """Copies of oracle results, which are gone when a case is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: dict[tuple[str, bool], Path] = {}

    def keep(self, name: str, training: bool, result: Path) -> None:
        place = self.folder / frozen.safe(name) / ("training" if training else "call")
        place.mkdir(parents=True)
        for file in frozen.FILES:
            shutil.copyfile(result / file, place / file)
        self.found[name, training] = place

    def recorded(self, case: VerifyCase) -> frozen.Recorded | None:
        call = self.found.get((case.name, False))
        if call is None:
            return None
        return frozen.Recorded(case, call, self.found.get((case.name, True)))


def _notes(
    by_module: Mapping[str, CompiledFile], tasks: Sequence[Task], place: Path
) -> dict[str, tuple[Diagnostic, ...]]:
    """Says so where what is verified is not what is written, as the Keras versions differ."""
    notes: dict[str, tuple[Diagnostic, ...]] = {}
    for task in tasks:
        file = by_module[task.program.module]
        path = place.joinpath("target", *task.program.module.split("."))
        verified = path / "__init__.py" if file.source.is_package else path.with_suffix(".py")
        if file.status != "failed" and verified.read_text("utf-8") != file.text:
            message = (
                f"`{task.program.name}` was verified as Keras {task.flavour}; "
                "the file that is written was compiled for the other version and differs"
            )
            hint = "compile with --keras, or put files of different versions in different runs"
            if task.program.made_up:
                message = (
                    f"`{task.program.name}` was verified with sizes that a made-up case gives; "
                    "the file that is written was compiled without them and differs"
                )
                hint = "state the case in a [[tool.tfjax.verify]] table of pyproject.toml"
            note = codes.FLAVOUR_ASSUMED.at(
                file.source.name, None, message, hint=hint, severity="warning"
            )
            notes[task.program.name] = (note,)
    return notes


def _nothing(project: CompiledProject, config: Config) -> Shown:
    path = project.files[0].source.name if project.files else "."
    hint = "add a [[tool.tfjax.verify]] table to pyproject.toml"
    problem = codes.NOTHING_TO_VERIFY.at(
        path, None, "no entry to verify is given or found", hint=hint
    )
    return Shown("verify", False, "nothing to verify", diagnostics=(problem,))
