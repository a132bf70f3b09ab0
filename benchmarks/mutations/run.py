"""Verifies each program of a folder unchanged, then a sample of its mutations."""

from __future__ import annotations

import random
import shutil
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tfjax.rules.language.cache import cache_folder
from tfjax.transpiler.cli.config import Config, load_config, parse_config
from tfjax.transpiler.cli.inputs import Search, read_inputs
from tfjax.transpiler.project import CompiledProject, Options, compile_project
from tfjax.transpiler.verify.api import Runner, run_case
from tfjax.transpiler.verify.case import VerifyCase
from tfjax.transpiler.verify.modes import parse_modes
from tfjax.transpiler.verify.options import VerifyOptions
from tfjax.transpiler.verify.pool import WorkerPool, jobs_that_fit
from tfjax.transpiler.verify.prepare import prepare
from tfjax.transpiler.verify.project import weight_rules
from tfjax.transpiler.verify.result import VerifyResult
from tfjax.transpiler.verify.tasks import Task, tasks_of

from .kinds import Mutation, mutations
from .outcome import Outcome, Results, key_of, outcome_of

RAISES = "what_is_run_raises()"
"""In a mutation's place: where the program still passes, it does not come there."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """count     mutations of all programs together
    programs  a sample of so many programs; None: all
    only      the programs of these names; empty: all
    """

    count: int
    seed: int = 0
    jobs: int = 1
    modes: str = "basic,train,double"
    programs: int | None = None
    only: frozenset[str] = frozenset()


def run(folder: Path, sampling: Sampling, results: Results | None = None) -> list[Outcome]:
    """The outcomes of the sample. Oracles are kept, so that a second run needs no TensorFlow."""
    results = results or Results(None)
    config = _sample(_config(folder), sampling)
    names = {entry.entry.partition(":")[0] for entry in config.verify}
    paths = [str(folder.joinpath(*name.split(".")).with_suffix(".py")) for name in sorted(names)]
    sources = read_inputs(paths or [str(folder)], None, None, Search((folder,), False)).sources
    project = compile_project(sources, Options(flavour="auto"))
    by_module = {file.source.module: file for file in project.files}
    tasks, _ = tasks_of(by_module, config, project.flavour, training=True)
    cache = cache_folder()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        compiled = place / "compiled"
        compiled.mkdir()
        kept = place if cache is None else cache
        with WorkerPool(compiled) as pool:
            runner = Runner(pool, weight_rules(), kept / "oracle")
            for number, task in enumerate(tasks):
                program = _Program(task, sampling, runner, place / str(number), results)
                share = -(-(sampling.count - len(outcomes)) // (len(tasks) - number))
                outcomes += program.run(project, kept / "drivers", share)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Program:
    task: Task
    sampling: Sampling
    runner: Runner
    place: Path
    results: Results

    def run(self, project: CompiledProject, drivers: Path, most: int) -> list[Outcome]:
        wanted = VerifyOptions(modes=parse_modes(self.sampling.modes))
        options = Options(flavour=self.task.flavour)
        made = prepare(project, [self.task], options, wanted, self.place, drivers)
        (case,) = made.cases
        file = f"{self.task.program.module.replace('.', '/')}.py"
        text = (made.target / file).read_text("utf-8")
        work = [one for one in mutations(text) if _parses(one.apply(text))]
        share = min(len(work), most)
        sample = random.Random(f"{self.sampling.seed} {case.name}").sample(work, share)
        keys = [key_of(case.name, one.apply(text), self.sampling.modes) for one in sample]
        if any(key not in self.results.kept for key in keys):
            plain = run_case(case, self.runner)
            proved = [m for m in case.modes if m in plain.modes and plain.mode(m).verdict == "pass"]
            if "outputs" not in proved:
                why = f"{plain.reason} {plain.message}"[:120]
                print(f"{case.name} does not verify unchanged, left out: {why}", flush=True)
                return []
            if plain.verdict != "pass":
                why = f"{plain.reason} {plain.message}"[:120]
                print(f"{case.name} unchanged: {why}; by {', '.join(proved)}", flush=True)
                case = replace(case, modes=tuple(proved))
        print(f"{case.name}: {share} of {len(work)} mutations", flush=True)
        with ThreadPoolExecutor(jobs_that_fit(self.sampling.jobs)) as threads:
            running = [
                threads.submit(self._one, case, file, mutation, key)
                for mutation, key in zip(sample, keys, strict=True)
            ]
            return [one.result() for one in running]

    def _one(self, case: VerifyCase, file: str, mutation: Mutation, key: str) -> Outcome:
        if key in self.results.kept:
            return self.results.kept[key]
        result = self._verify(case, file, mutation, key)
        found = outcome_of(key, case.name, file, mutation, result)
        if not found.caught:
            raising = replace(mutation, text=RAISES)
            found = replace(found, runs=self._verify(case, file, raising, key).verdict != "pass")
        self.results.add(found)
        print(found.describe(), flush=True)
        return found

    def _verify(self, case: VerifyCase, file: str, mutation: Mutation, key: str) -> VerifyResult:
        place = self.place / key
        shutil.copytree(case.target.paths[0], place)
        path = place / file
        path.write_text(mutation.apply(path.read_text("utf-8")), "utf-8")
        paths = (str(place),)
        train = case.train
        if train is not None:
            train = replace(train, target=replace(train.target, paths=paths))
        changed = replace(case, target=replace(case.target, paths=paths), train=train)
        result = run_case(changed, self.runner)
        shutil.rmtree(place)
        return result


def _sample(config: Config, sampling: Sampling) -> Config:
    entries = config.verify
    if sampling.only:
        entries = tuple(one for one in entries if one.name in sampling.only)
    if sampling.programs is not None and len(entries) > sampling.programs:
        entries = tuple(random.Random(sampling.seed).sample(entries, sampling.programs))
    return replace(config, verify=entries)


def _config(folder: Path) -> Config:
    """The settings of a folder, or the list of the test programs."""
    listed = folder / "cases.toml"
    if not listed.is_file():
        return load_config(folder)
    programs = tomllib.loads(listed.read_text("utf-8"))["program"]
    entries = [{k: v for k, v in one.items() if k != "feature"} for one in programs]
    return parse_config({"tool": {"tfjax": {"verify": entries}}}, folder / "pyproject.toml")


def _parses(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True
