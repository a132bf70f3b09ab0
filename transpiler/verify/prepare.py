"""From programs to cases: drivers are compiled with the project, both trees are put in place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..files import SourceFile
from ..project import CompiledProject, Options, compile_project
from .case import Side, TrainSides, VerifyCase
from .drivers import CALL, TARGET_BUILD, TARGET_SETUP, TRAINING_CALL, Program, driver_facts
from .options import VerifyOptions
from .tasks import Task


@dataclass(frozen=True, slots=True)
class Prepared:
    """Cases in the order of the tasks, and the project that was compiled with the drivers."""

    cases: tuple[VerifyCase, ...]
    compiled: CompiledProject
    target: Path


def prepare(
    project: CompiledProject,
    tasks: Sequence[Task],
    options: Options,
    wanted: VerifyOptions,
    place: Path,
    own: Path,
) -> Prepared:
    """Compiles project and drivers, writes the output below `place` and the drivers to the folder
    `own`. Raises FileNotFoundError where `against` lacks a file of the output."""
    drivers: list[SourceFile] = []
    for task in tasks:
        path = own / f"{task.driver}.py"
        write(path, task.text)
        drivers.append(SourceFile(path, Path(path.name), task.text, module=task.driver))
    facts = tuple(driver_facts(task.program, task.driver) for task in tasks)
    sources = [file.source for file in project.files]
    compiled = compile_project([*sources, *drivers], replace(options, drivers=facts))
    target = place / "target"
    _write_target(compiled, len(sources), target, wanted.against)
    folders = (str(own), *source_roots(sources, place / "source"))
    cases = tuple(_case(task, folders, target, wanted) for task in tasks)
    return Prepared(cases, compiled, target)


def prepare_all(
    project: CompiledProject,
    tasks: Sequence[Task],
    options: Options,
    wanted: VerifyOptions,
    folder: Path,
    own: Path,
) -> Iterator[tuple[list[Task], Prepared, Path]]:
    """The tasks of each Keras version, prepared in a folder of their own."""
    for flavour in dict.fromkeys(task.flavour for task in tasks):
        group = [task for task in tasks if task.flavour == flavour]
        place = folder / f"keras{flavour}"
        chosen = replace(options, flavour=flavour, emit=None)
        yield group, prepare(project, group, chosen, wanted, place, own), place


def _case(task: Task, folders: tuple[str, ...], target: Path, wanted: VerifyOptions) -> VerifyCase:
    driver = task.driver

    def sides(program: Program, function: str) -> TrainSides:
        call = f"m.{function}({', '.join(['model', *program.inputs])})"
        return TrainSides(
            Side(driver, "m.build()", call, folders),
            Side(
                driver,
                TARGET_BUILD,
                call,
                (str(target),),
                setup=TARGET_SETUP,
                eval_mode=program.eval_mode,
            ),
        )

    plain = sides(task.program, CALL)
    return VerifyCase(
        name=task.program.name,
        flavour="keras2" if task.flavour == "2" else "keras3",
        source=plain.source,
        target=plain.target,
        inputs=dict(task.program.inputs),
        sizes=dict(task.program.sizes or {}),
        modes=wanted.modes,
        limits=wanted.limits,
        platform=wanted.platform,
        layers=wanted.layers,
        train=sides(task.training, TRAINING_CALL) if task.trained else None,
    )


def _write_target(
    compiled: CompiledProject, sources: int, target: Path, against: Path | None
) -> None:
    """The tree that is run: what was compiled, or what lies in `against`, and the drivers."""
    roots: set[Path] = {target}
    for number, file in enumerate(compiled.files):
        module = Path(*file.source.module.split("."))
        is_package = file.source.is_package
        path = target / (module / "__init__.py" if is_package else module.with_suffix(".py"))
        roots.add(_tree_root(path, file.path))
        if against is not None and number < sources:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((against / file.path).read_bytes())
        else:
            write(path, file.text)
    for root in roots:
        for relative, text in compiled.extra.items():
            kept = against / relative if against is not None else None
            given = kept.read_text("utf-8") if kept is not None and kept.is_file() else text
            write(root / relative, given)


def _tree_root(path: Path, relative: Path) -> Path:
    """The folder that is the root of the output tree, where that is a package."""
    return path.parents[len(relative.parts) - 1]


def source_roots(sources: Iterable[SourceFile], spare: Path) -> list[str]:
    """The directories that the sources are imported from; what has none is written to `spare`."""
    roots: dict[str, None] = {}
    for source in sources:
        if source.provides:
            continue  # part of Keras, and imported from there
        depth = len(source.module.split(".")) - (0 if source.is_package else 1)
        path = Path(os.path.abspath(source.path))
        if path.is_file() and depth < len(path.parents):
            roots[str(path.parents[depth])] = None
        else:  # standard input
            write(spare / f"{source.module}.py", source.text)
            roots[str(spare)] = None
    return list(roots)


def write(path: Path, text: str) -> None:
    """Writes source text as it is, making the folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="", errors="surrogateescape")
