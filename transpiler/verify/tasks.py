"""What there is to verify in a compiled project: programs, each with drivers of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..cli.verification import VerifyResult as Shown
from ..diagnostics import codes
from .drivers import Program, driver_source
from .programs import discover, from_entry

if TYPE_CHECKING:
    from ..cli.config import Config
    from ..project import CompiledFile


@dataclass(frozen=True, slots=True)
class Task:
    """A program with its driver's module name and the Keras version it is verified for; `trained`:
    its driver calls it in training mode, too."""

    program: Program
    driver: str
    flavour: str
    trained: bool = False

    @property
    def training(self) -> Program:
        """The program as it is called in training mode."""
        return replace(self.program, call=self.program.training_call)

    @property
    def text(self) -> str:
        """The driver."""
        return driver_source(self.program, training=self.trained)


def tasks_of(
    by_module: Mapping[str, CompiledFile], config: Config, flavour: str, *, training: bool
) -> tuple[list[Task], list[Shown]]:
    """The entries for compiled modules; without any, what the files themselves tell. `training`:
    whether training modes are asked for."""
    problems: list[Shown] = []
    programs: list[tuple[Program, str]] = []
    for entry in config.verify:
        program = from_entry(entry)
        chosen = entry.keras if entry.keras in ("2", "3") else flavour
        if program.module in by_module:
            programs.append((program, chosen or flavour))
        elif not _exists(config, program.module):
            message = f"`{entry.name}`: no file is the module `{program.module}`"
            problems.append(unusable(entry.name, config, message))
    if not config.verify:
        for file in by_module.values():
            found = discover(file.source) if file.status != "unchanged" else ()
            programs += [(program, flavour) for program in found]
    tasks, wrong = numbered_tasks(programs, config, training=training)
    return tasks, problems + wrong


def numbered_tasks(
    programs: Sequence[tuple[Program, str]], config: Config, *, training: bool, first: int = 0
) -> tuple[list[Task], list[Shown]]:
    """A task for each program and Keras version, and what is wrong with the others; `first`: the
    number of the first one."""
    tasks: list[Task] = []
    problems: list[Shown] = []
    for number, (program, chosen) in enumerate(programs, first):
        try:
            trained = training and program.training_call is not None
            name = _module_name(number, driver_source(program, training=trained))
        except SyntaxError as error:
            text = f"`{program.name}`: `call` is wrong: {error.msg}"
            problems.append(unusable(program.name, config, text))
            continue
        tasks.append(Task(program, name, chosen, trained))
    return tasks, problems


def _module_name(number: int, driver: str) -> str:
    """A driver's module, which has the same name in the next run, so that the oracle's results are
    found again."""
    text = f"{number} {driver}"
    return f"tfjax_driver_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _exists(config: Config, module: str) -> bool:
    """Whether the entry is for a file that was not named this time."""
    folder = config.path.parent if config.path is not None else Path()
    return any(folder.joinpath(*module.split(".")).with_suffix(s).exists() for s in (".py", ""))


def unusable(name: str, config: Config, message: str) -> Shown:
    """The result for an entry that cannot be run."""
    path = config.path.as_posix() if config.path is not None else "pyproject.toml"
    problem = codes.VERIFY_ENTRY.at(path, None, message)
    return Shown(name, False, "not run", diagnostics=(problem,))
