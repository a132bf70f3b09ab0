"""A source file as text, with all that is needed to write it back byte for byte."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class Lead(NamedTuple):
    """A name that a file has from elsewhere, without naming it: from the star import at `line`, or
    by means that only run (line 0). `attribute` None: it is the module itself."""

    name: str
    module: str
    attribute: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What is needed of a file that is there for others: names at the top level, and the first
    lines of the statements and methods that stay."""

    names: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One Python source file.

    `path` is the file as the user named it; `relative` is its place in the output tree; `text`
    keeps its line ends; `encoding` is the codec that wrote it ("utf-8-sig" when there is a byte
    order mark); `newline` is the line end of its first line ("\\n" when it has none); `module` is
    its dotted name ("pkg.models.unet"; a package is named after its folder). `part` is
    what is needed of a file that others import; None: all of it. A file of an installed package
    that comes along (`applications.py`) `provides` API symbols: canonical path -> name in it.
    """

    path: Path
    relative: Path
    text: str
    encoding: str = "utf-8"
    newline: str = "\n"
    module: str = ""
    executable: bool = False
    part: Part | None = None
    provides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        """The path for diagnostics, with posix separators."""
        return self.path.as_posix()

    @property
    def is_package(self) -> bool:
        """True for an `__init__.py`: relative imports start at the module itself."""
        return self.path.name == "__init__.py"

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the file's bytes."""
        return hashlib.sha256(self.encode(self.text)).hexdigest()

    def encode(self, text: str) -> bytes:
        """`text` in this file's encoding.

        Raises UnicodeEncodeError when the encoding has no such character.
        """
        return text.encode(self.encoding)


def real_path(path: Path) -> Path:
    """Absolute, links followed as far as they lead (`Path.resolve` raises at a loop)."""
    return Path(os.path.realpath(path))
