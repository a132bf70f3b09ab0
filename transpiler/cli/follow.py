"""`--follow-imports`: the files of the project that the named ones need."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import InputFile, Part, place_below
from ..frontend import SourceSyntaxError, import_closure, parse_module
from ..frontend.parse import ParsedModule
from ..frontend.project import absolute_name
from ..frontend.uses import import_statements
from ..own_modules import ROOTS


@dataclass(frozen=True, slots=True)
class Needed:
    """A file to read; `part` as in `SourceFile`."""

    file: InputFile
    part: Part | None = None


def follow_imports(named: Sequence[InputFile], roots: Sequence[Path]) -> list[Needed]:
    """The named files, and those they import, directly or not, that lie below `roots` (or beside
    them); the named ones first, the others in the order of their names.

    The files of TensorFlow and Keras are API and not followed, with one exception: a named file
    that is part of Keras brings the siblings in its folder that it imports.
    """
    found: dict[Path, Needed] = {_real(file.path): Needed(file) for file in named}
    first = len(found)
    queue = [file.path for file in named]
    readable = [path for path in queue if path.is_file()]
    for needed in import_closure(readable, roots):
        file = place_below(needed.path, roots) or _beside(needed.path, needed.module)
        found.setdefault(_real(needed.path), Needed(file, needed.part))
    while queue:
        for path in _siblings(queue.pop(), roots):
            file = place_below(path, roots)
            if file is not None and _real(path) not in found:
                found[_real(path)] = Needed(file)
                queue.append(path)
    everything = list(found.values())
    return everything[:first] + sorted(everything[first:], key=lambda n: n.file.relative.as_posix())


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _beside(path: Path, module: str) -> InputFile:
    relative = Path(*module.split("."))
    is_package = path.name == "__init__.py"
    return InputFile(
        path, relative / path.name if is_package else relative.with_suffix(".py"), module
    )


def _siblings(path: Path, roots: Sequence[Path]) -> Iterator[Path]:
    """Files beside a file of Keras that it imports."""
    place = place_below(path, roots)
    if place is None or place.module.partition(".")[0] not in ROOTS:
        return
    try:
        text = path.read_text(encoding="utf-8")
        parsed = parse_module(text, name=place.module, is_package=path.name == "__init__.py")
    except (OSError, UnicodeDecodeError, SourceSyntaxError):
        return
    for dotted in _imported(parsed):
        package, _, name = dotted.rpartition(".")
        candidate = path.parent / f"{name}.py"
        if package == parsed.package and candidate.is_file():
            yield candidate


def _imported(parsed: ParsedModule) -> Iterator[str]:
    for node in import_statements(parsed.tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            continue
        module = absolute_name(parsed, node.module or "", node.level)
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
