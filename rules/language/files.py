"""Rule files on disk: found by walking, read whole, checked to be text before they are parsed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from .errors import SYNTAX, Place, Problem, RuleError

BUILTIN = Path(__file__).parents[1]
MAX_BYTES = 4_000_000
"""More than any hand-written file needs; what is larger is not read."""

File = tuple[str, bytes]


def read_files(paths: Iterable[Path]) -> list[File]:
    """(name, content) of the rule files at and under the paths, in order; built-in files are named
    relative to the rules folder. Raises RuleError.
    """
    found: list[File] = []
    for path in paths:
        files = sorted(path.rglob("*.rules")) if path.is_dir() else [path]
        if not files:
            raise _error(name_of(path), "the folder holds no rule files (*.rules)")
        found += [(name_of(file), _read(file)) for file in files]
    return found


def name_of(path: Path) -> str:
    """How messages name a rule file: as the user did, and what is installed by its place there."""
    name = path.as_posix()
    if path.is_absolute():
        for root in (BUILTIN.as_posix(), *sys.path):
            if root and name.startswith(f"{root}/"):
                return name[len(root) + 1 :]
    return name


def is_under(name: str, paths: Iterable[Path]) -> bool:
    """Whether a file of this name is one of the paths, or lies under one."""
    named = [name_of(path) for path in paths]
    return any(name == own or name.startswith(f"{own}/") for own in named)


def text_of(name: str, content: bytes) -> str:
    """Raises RuleError, with the place, for what is not UTF-8."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = f"the file is not UTF-8 text (byte 0x{content[error.start]:02x})"
        raise RuleError([Problem(Place(name, line, column), message, SYNTAX)]) from None


def _read(path: Path) -> bytes:
    name = name_of(path)
    try:
        # A device or a pipe may never end.
        if path.exists() and not path.is_file():
            raise _error(name, "is not a file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _error(name, f"the rule file is too large: {size} bytes, at most {MAX_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise _error(name, f"cannot be read: {error.strerror}") from None


def _error(name: str, message: str) -> RuleError:
    return RuleError([Problem(Place(name, 1), message, SYNTAX)])
