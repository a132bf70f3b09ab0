"""Where the names of a project's modules are defined: what a module defines itself, what
`from module import *` gives, and where an imported name comes from."""

from __future__ import annotations

import ast

from .exports import declared_exports
from .project import absolute_name
from .resolution import ROOTS
from .source_files import SourceFiles

# Modules of the standard library whose classes call no method of a subclass but `__these__`.
_WITHOUT_HOOKS = frozenset(
    {"abc", "builtins", "collections", "dataclasses", "enum", "types", "typing"}
)


class Definitions:
    """Answers for the modules of `files`."""

    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._exported: dict[tuple[str, str], bool] = {}

    def defines(self, module: str, attribute: str) -> bool:
        """Whether a module binds the name itself."""
        file = self._files.file(module)
        units = None if file is None else file.units
        return units is not None and attribute in units.by_name

    def exports(self, module: str, wanted: str) -> bool:
        """Whether `from module import *` gives `wanted`."""
        key = (module, wanted)
        if key not in self._exported:
            self._exported[key] = False  # the answer inside a cycle
            self._exported[key] = self._finds(module, wanted)
        return self._exported[key]

    def _finds(self, module: str, wanted: str) -> bool:
        file = self._files.file(module)
        if file is None:
            return False
        is_mentioned = wanted in file.text
        if not is_mentioned and "import *" not in file.text:
            return False
        units = file.units
        if units is None:
            return False
        exports = declared_exports(units.parsed.tree)
        if exports is not None:
            return wanted in exports
        if wanted.startswith("_"):
            return False
        return wanted in units.by_name or any(
            self.exports(absolute_name(units.parsed, star.module, star.level), wanted)
            for star in units.bindings.stars
        )

    def has_unknown_base(self, module: str, name: str, seen: set[tuple[str, str]]) -> bool:
        """Whether a class has a base outside of the project that may call any method of it."""
        file = self._files.file(module)
        units = None if file is None else file.units
        if units is None or (module, name) in seen:
            return False
        seen.add((module, name))
        for unit in units.by_name.get(name, ()):
            if not isinstance(unit.node, ast.ClassDef):
                continue
            for base in unit.node.bases:
                root = base
                while isinstance(root, ast.Attribute | ast.Subscript):
                    root = root.value
                if not isinstance(root, ast.Name):
                    continue
                owner, found = self.origin(module, root.id)
                if owner is None:
                    continue
                if self._files.file(owner) is not None:
                    if found is not None and self.has_unknown_base(owner, found, seen):
                        return True
                elif owner.partition(".")[0] not in ROOTS | _WITHOUT_HOOKS:
                    return True
        return False

    def origin(self, module: str, name: str, depth: int = 20) -> tuple[str | None, str | None]:
        """The module and name where an imported name is defined; no module for a built-in one."""
        file = self._files.file(module)
        units = None if file is None else file.units
        if units is None or depth == 0:
            return module, name
        bindings = units.bindings.names.get(name)
        if not bindings:
            for star in reversed(units.bindings.stars):
                owner = absolute_name(units.parsed, star.module, star.level)
                if self.exports(owner, name):
                    return self.origin(owner, name, depth - 1)
            return (None, None) if not self._files.is_folder(module) else (f"{module}.{name}", None)
        first = bindings[0]
        if first.kind != "import":
            return module, name
        owner = absolute_name(units.parsed, first.module, first.level)
        if first.attribute is None:
            return owner, None
        if self._files.file(owner) is None:
            return owner, first.attribute
        return self.origin(owner, first.attribute, depth - 1)
