"""The files of a project: found below its roots, read on first use, and what is needed of each."""

from __future__ import annotations

import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..files import Lead, Part
from .errors import SourceSyntaxError
from .lead_order import in_order
from .parse import parse_module
from .resolution import ROOTS
from .units import ModuleUnits

# Folders that hold installed packages side by side: those of the named files are the project, the
# others are its dependencies.
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@dataclass(slots=True, eq=False)
class SourceFile:
    """A file that was read, and what is needed of it so far."""

    name: str
    path: Path
    text: str
    error: str | None = None
    whole: bool = False
    names: set[str] = field(default_factory=set[str])
    lines: set[int] = field(default_factory=set[int])
    leads: dict[str, Lead] = field(default_factory=dict[str, Lead])
    needs: dict[str, None] = field(default_factory=dict[str, None])
    asked: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    effects: set[int] = field(default_factory=set[int])
    looked_into: ModuleUnits | None = None

    @property
    def units(self) -> ModuleUnits | None:
        """The statements of the file, parsed when first asked for; None when it does not parse."""
        if self.looked_into is None and self.error is None:
            is_package = self.path.name == "__init__.py"
            try:
                parsed = parse_module(self.text, name=self.name, is_package=is_package)
            except SourceSyntaxError as problem:
                self.error, self.whole = str(problem), True
                return None
            self.looked_into = ModuleUnits(parsed)
        return self.looked_into

    def part(self, files: Mapping[str, SourceFile]) -> Part | None:
        if self.whole:
            return None
        leads = tuple(self.leads.values())
        if len(leads) > 1:
            leads = in_order(self.name, leads, files)
        return Part(frozenset(self.names), frozenset(self.lines), leads)


class SourceFiles:
    """The files below `roots`, by the names of their modules; at most `max_files` are read."""

    def __init__(self, roots: list[Path], max_files: int) -> None:
        self._roots = roots
        self._max_files = max_files
        self._read: dict[str, SourceFile | None] = {}
        self._folders: dict[str, bool] = {}
        self._packages: set[str] = set()

    def add_entry(self, path: Path) -> str:
        """The module name of a file of the project, which is read; a file outside of all roots
        makes a root of the directory above its outermost package. Raises OSError."""
        root = next((root for root in self._roots if path.is_relative_to(root)), None)
        if root is None:
            root = path.parent
            while (root / "__init__.py").is_file() and root != root.parent:
                root = root.parent
            self._roots.append(root)
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "__init__"
        self._packages.add(parts[0])
        self.add(path, name)
        return name

    def add(self, path: Path, module: str) -> SourceFile:
        """A file, read as this module. Raises OSError when it is unreadable."""
        self._read[module] = file = _read(module, path)
        return file

    def file(self, name: str) -> SourceFile | None:
        """The file of a module, read on first use; None when the project has none."""
        if name not in self._read:
            path = self._find(name)
            full = len(self._read) >= self._max_files
            self._read[name] = None if path is None or full else _read(name, path)
        return self._read[name]

    def _find(self, name: str) -> Path | None:
        if not name or name.startswith(".") or name.partition(".")[0] in ROOTS:
            return None
        parent = name.rpartition(".")[0]
        if parent and not self.is_folder(parent):
            return None
        relative = Path(*name.split("."))
        for root in self._roots:
            if root.name in _INSTALLED and relative.parts[0] not in self._packages:
                continue
            for candidate in (root / relative / "__init__.py", root / f"{relative}.py"):
                if candidate.is_file():
                    return candidate
        return None

    def is_folder(self, name: str) -> bool:
        """Whether some root has a folder for this dotted name."""
        if name not in self._folders:
            relative = Path(*name.split(".")) if name.strip(".") else None
            self._folders[name] = relative is not None and any(
                (root / relative).is_dir()
                for root in self._roots
                if root.name not in _INSTALLED or relative.parts[0] in self._packages
            )
        return self._folders[name]


def _read(name: str, path: Path) -> SourceFile:
    try:
        with tokenize.open(path) as file:
            return SourceFile(name, path, file.read())
    except (SyntaxError, UnicodeDecodeError) as problem:
        return SourceFile(name, path, "", str(problem), whole=True)
