"""`--verify`: compile the drivers with the project, run both sides, say what came of it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...rules.language.cache import cache_folder
from ..cli.verification import VerifyResult as Shown
from ..diagnostics import Diagnostic, codes
from ..files import SourceFile
from ..project import CompiledFile, CompiledProject, Options, compile_project
from .api import verify_cases
from .case import Side, VerifyCase, WeightRules
from .codec import encode
from .drivers import TARGET_BUILD, TARGET_SETUP, Program, driver_facts, driver_source
from .programs import discover, from_entry
from .result import VerifyResult

if TYPE_CHECKING:
    from ..cli.config import Config

CODES = {
    "pairing": codes.PARAMETER_MISMATCH,
    "structure": codes.INTERFACE_MISMATCH,
    "shape": codes.INTERFACE_MISMATCH,
    "dtype": codes.INTERFACE_MISMATCH,
    "gradient": codes.GRADIENT_MISMATCH,
    "gradient-unavailable": codes.GRADIENT_MISMATCH,
    "state": codes.STATE_MISMATCH,
    "case": codes.VERIFY_ENTRY,
    "timeout": codes.VERIFY_LIMIT,
    "memory": codes.VERIFY_LIMIT,
    "crash": codes.TARGET_FAILED,
    "source-import": codes.SOURCE_FAILED,
    "source-error": codes.SOURCE_FAILED,
    "nondeterministic": codes.SOURCE_FAILED,
    "target-import": codes.TARGET_FAILED,
    "target-error": codes.TARGET_FAILED,
}


@dataclass(frozen=True, slots=True)
class Task:
    """A program with its driver's module name and the Keras version it is verified for."""

    program: Program
    driver: str
    flavour: str


def verify_project(
    project: CompiledProject, config: Config, options: Options, weight_rules: WeightRules
) -> list[Shown]:
    """A result for each program, in the order of the settings, then of the files.

    Raises ModuleNotFoundError when a framework is missing.
    """
    for name in ("tensorflow", "jax", "flax"):
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    by_module = {file.source.module: file for file in project.files}
    tasks, problems = _tasks(by_module, config, project.flavour)
    if not tasks and not problems:
        return [_nothing(project, config)]
    cache = cache_folder()
    with tempfile.TemporaryDirectory(prefix="tfjax-verify-") as folder:
        # The oracle's results are stored under the paths of its sources.
        drivers = Path(folder, "drivers") if cache is None else cache / "drivers"
        cases: list[VerifyCase] = []
        notes: dict[str, tuple[Diagnostic, ...]] = {}
        for flavour in dict.fromkeys(task.flavour for task in tasks):
            group = [task for task in tasks if task.flavour == flavour]
            place = Path(folder, f"keras{flavour}")
            chosen = replace(options, flavour=flavour, emit=None)
            made = _prepare(project, group, chosen, place, drivers)
            cases += [made[task.driver] for task in group]
            notes |= _notes(by_module, group, place)
        ordered = sorted(cases, key=lambda c: [t.program.name for t in tasks].index(c.name))
        results = verify_cases(
            ordered,
            weight_rules,
            jobs=min(2, os.cpu_count() or 1),
            oracle_cache=cache / "oracle" if cache is not None else None,
        )
    paths = {t.program.name: by_module[t.program.module].source.name for t in tasks}
    return [*problems, *(_shown(r, paths[r.name], notes.get(r.name, ())) for r in results)]


def _tasks(
    by_module: Mapping[str, CompiledFile], config: Config, flavour: str
) -> tuple[list[Task], list[Shown]]:
    """The entries for compiled modules; without any, what the files themselves tell."""
    problems: list[Shown] = []
    programs: list[tuple[Program, str]] = []
    for entry in config.verify:
        program = from_entry(entry)
        chosen = entry.keras if entry.keras in ("2", "3") else flavour
        if program.module in by_module:
            programs.append((program, chosen or flavour))
        elif not _exists(config, program.module):
            message = f"`{entry.name}`: no file is the module `{program.module}`"
            problems.append(_unusable(entry.name, config, message))
    if not config.verify:
        for file in by_module.values():
            found = discover(file.source) if file.status != "unchanged" else ()
            programs += [(program, flavour) for program in found]
    tasks: list[Task] = []
    for number, (program, chosen) in enumerate(programs):
        try:
            text = driver_source(program)
        except SyntaxError as error:
            problems.append(
                _unusable(program.name, config, f"`{program.name}`: `call` is wrong: {error.msg}")
            )
            continue
        tasks.append(Task(program, f"tfjax_driver_{_digest(number, text)}", chosen))
    return tasks, problems


def _digest(number: int, text: str) -> str:
    """Part of a module name that is the same in the next run, so that the oracle's results are
    found again."""
    return hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:12]


def _exists(config: Config, module: str) -> bool:
    """Whether the entry is for a file that was not named this time."""
    folder = config.path.parent if config.path is not None else Path()
    return any(folder.joinpath(*module.split(".")).with_suffix(s).exists() for s in (".py", ""))


def _prepare(
    project: CompiledProject, tasks: Sequence[Task], options: Options, place: Path, own: Path
) -> dict[str, VerifyCase]:
    """Compiles project and drivers, writes the output below `place` and the drivers to the folder
    `own`; the cases by driver."""
    drivers: list[SourceFile] = []
    for task in tasks:
        text = driver_source(task.program)
        path = own / f"{task.driver}.py"
        _write(path, text)
        drivers.append(SourceFile(path, Path(path.name), text, module=task.driver))
    facts = tuple(driver_facts(task.program, task.driver) for task in tasks)
    sources = [file.source for file in project.files]
    compiled = compile_project([*sources, *drivers], replace(options, drivers=facts))
    target = place / "target"
    roots: set[Path] = {target}
    for file in compiled.files:
        module = Path(*file.source.module.split("."))
        is_package = file.source.is_package
        path = target / (module / "__init__.py" if is_package else module.with_suffix(".py"))
        roots.add(_tree_root(path, file.path))
        _write(path, file.text)
    for root in roots:
        for relative, text in compiled.extra.items():
            _write(root / relative, text)
    folders = [str(own), *_source_roots(sources, place / "source")]
    return {
        task.driver: VerifyCase(
            name=task.program.name,
            flavour="keras2" if task.flavour == "2" else "keras3",
            source=Side(task.driver, "m.build()", _call(task.program), tuple(folders)),
            target=Side(
                task.driver,
                TARGET_BUILD,
                _call(task.program),
                (str(target),),
                setup=TARGET_SETUP,
                eval_mode=task.program.eval_mode,
            ),
            inputs=dict(task.program.inputs),
            sizes=dict(task.program.sizes or {}),
        )
        for task in tasks
    }


def _call(program: Program) -> str:
    return f"m.call({', '.join(['model', *program.inputs])})"


def _tree_root(path: Path, relative: Path) -> Path:
    """The folder that is the root of the output tree, where that is a package."""
    return path.parents[len(relative.parts) - 1]


def _source_roots(sources: Iterable[SourceFile], spare: Path) -> list[str]:
    """The directories that the sources are imported from; what has none is written to `spare`."""
    roots: dict[str, None] = {}
    for source in sources:
        depth = len(source.module.split(".")) - (0 if source.is_package else 1)
        path = Path(os.path.abspath(source.path))
        if path.is_file() and depth < len(path.parents):
            roots[str(path.parents[depth])] = None
        else:  # standard input
            _write(spare / f"{source.module}.py", source.text)
            roots[str(spare)] = None
    return list(roots)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="", errors="surrogateescape")


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
            note = codes.FLAVOUR_ASSUMED.at(
                file.source.name, None, message, hint=hint, severity="warning"
            )
            notes[task.program.name] = (note,)
    return notes


def _shown(result: VerifyResult, path: str, notes: tuple[Diagnostic, ...]) -> Shown:
    passed = result.verdict == "pass"
    found = list(notes)
    if not passed:
        inconclusive = result.verdict == "inconclusive" and result.reason not in CODES
        code = codes.VACUOUS if inconclusive else CODES.get(result.reason, codes.OUTPUT_MISMATCH)
        message = f"`{result.name}`: {result.message or result.reason}"
        found.append(code.at(path, None, message))
    verdict = result.verdict if passed else f"{result.verdict}: {result.reason}".rstrip(": ")
    if result.randomness_disabled:
        verdict += " (randomness disabled)"
    return Shown(result.name, passed, verdict, _cells(result), tuple(found), _data(result))


def _cells(result: VerifyResult) -> dict[str, str]:
    cells: dict[str, str] = {}
    p = result.parameters
    if p.source_total or p.target_total:
        cells["parameters"] = f"{p.source_mapped}/{p.source_total}"
    for name, comparison in (("outputs", result.outputs), ("gradients", result.gradients)):
        if comparison.max_error is not None:
            cells[name] = f"{comparison.max_error:.1e}"
    if result.outputs.tolerance is not None:
        cells["tolerance"] = f"{result.outputs.tolerance:.1e}"
    return cells


def _data(result: VerifyResult) -> dict[str, Any]:
    """For the report, whose bytes do not depend on how long a run took or where it ran."""
    data: dict[str, Any] = encode(result)
    for key in ("seconds", "oracle_cached", "traceback"):
        data.pop(key, None)
    return data


def _unusable(name: str, config: Config, message: str) -> Shown:
    path = config.path.as_posix() if config.path is not None else "pyproject.toml"
    problem = codes.VERIFY_ENTRY.at(path, None, message)
    return Shown(name, False, "not run", diagnostics=(problem,))


def _nothing(project: CompiledProject, config: Config) -> Shown:
    path = project.files[0].source.name if project.files else "."
    hint = "add a [[tool.tfjax.verify]] table to pyproject.toml"
    problem = codes.NOTHING_TO_VERIFY.at(
        path, None, "no entry to verify is given or found", hint=hint
    )
    return Shown("verify", False, "nothing to verify", diagnostics=(problem,))
