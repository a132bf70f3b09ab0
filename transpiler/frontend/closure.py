"""Which files of a project a file needs, and which statements of them: `--follow-imports`.

The files named are needed whole. Of every other file, only what is used is needed: names lead to
definitions, and these to the names that they use. A method is needed when its name is an attribute
that some needed code reads, or when Python or Keras calls it unasked.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import Lead, Part
from .bindings import Binding
from .errors import SourceSyntaxError
from .exports import declared_exports
from .lead_order import in_order
from .parse import ParsedModule, parse_module
from .project import absolute_name
from .resolution import ROOTS
from .units import Chain, ModuleUnits, Unit
from .uses import import_statements

# Methods that Keras calls; Python calls those with two underscores.
_CALLED_BY_KERAS = frozenset({"call", "build", "compute_mask"})
# Folders that hold installed packages side by side: those of the named files are the project, the
# others are its dependencies.
_INSTALLED = frozenset({"site-packages", "dist-packages"})
# Modules of the standard library whose classes call no method of a subclass but `__these__`.
_WITHOUT_HOOKS = frozenset(
    {"abc", "builtins", "collections", "dataclasses", "enum", "types", "typing"}
)


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A file of the closure. `part` is what is needed of it; None: all. `error` says why a file was
    not looked into."""

    path: Path
    module: str
    part: Part | None = None
    error: str | None = None

    @property
    def names(self) -> frozenset[str] | None:
        """The needed names at the top level; None: all."""
        return None if self.part is None else self.part.names


def local_imports(parsed: ParsedModule) -> list[str]:
    """The absolute dotted names that a module imports, in order: `a.b` for `from a import b`.

    Imports of TF and Keras are left out; `from a import *` gives `a`.
    """
    names: dict[str, None] = {}
    for node in import_statements(parsed.tree.body):
        for module, attribute, _ in _imported(node, parsed):
            dotted = f"{module}.{attribute}" if attribute not in (None, "*") else module
            if dotted.partition(".")[0] not in ROOTS:
                names[dotted] = None
    return list(names)


def import_closure(
    entries: Sequence[Path], roots: Sequence[Path], *, max_files: int = 5000
) -> list[NeededFile]:
    """The files that `entries` need, the needed before those that need them.

    `roots` are the directories that absolute imports start from; an entry outside of them has the
    directory above its outermost package as its root. Raises OSError when an entry is unreadable.
    """
    closure = _Closure([root.resolve() for root in roots], max_files)
    for entry in entries:
        closure.add_entry(entry.resolve())
    closure.work()
    return closure.ordered()


def needed_part_of(path: Path, module: str, names: Iterable[str]) -> Part | None:
    """What a file needs for these names at its top level, other files left alone; None: it does
    not parse. Raises OSError when it is unreadable."""
    closure = _Closure([], 1)
    file = closure.add_file(path, module)
    for name in names:
        closure.add_name(file, name)
    closure.work()
    return file.part({})


@dataclass(slots=True, eq=False)
class _File:
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

    def part(self, files: Mapping[str, _File]) -> Part | None:
        if self.whole:
            return None
        leads = tuple(self.leads.values())
        if len(leads) > 1:
            leads = in_order(self.name, leads, files)
        return Part(frozenset(self.names), frozenset(self.lines), leads)


class _Closure:
    def __init__(self, roots: list[Path], max_files: int) -> None:
        self._roots = roots
        self._max_files = max_files
        self._read: dict[str, _File | None] = {}
        self._needed: dict[str, _File] = {}
        self._units: list[tuple[_File, Unit]] = []
        self._done: set[int] = set()
        self._followed: set[tuple[str, str, Chain]] = set()
        self._exported: dict[tuple[str, str], bool] = {}
        self._attributes: set[str] = set()
        self._waiting: dict[str, list[tuple[_File, Unit]]] = {}
        self._folders: dict[str, bool] = {}
        self._packages: set[str] = set()

    # -- files

    def add_entry(self, path: Path) -> None:
        root = next((root for root in self._roots if path.is_relative_to(root)), None)
        if root is None:
            root = path.parent
            while (root / "__init__.py").is_file() and root != root.parent:
                root = root.parent
            self._roots.append(root)
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "__init__"
        self._packages.add(parts[0])
        self._read[name] = _read(name, path)
        self._need_all(name, None)

    def add_file(self, path: Path, module: str) -> _File:
        self._read[module] = file = _read(module, path)
        return file

    def add_name(self, file: _File, name: str) -> None:
        self._name(file, name, {()})

    def ordered(self) -> list[NeededFile]:
        """Dependencies first, by a loop, since chains of imports can be long."""
        done: dict[str, NeededFile] = {}
        entered: set[str] = set()
        stack = [(name, False) for name in reversed(self._needed)]
        while stack:
            name, leaving = stack.pop()
            file = self._needed[name]
            if leaving:
                done[name] = NeededFile(file.path, name, file.part(self._needed), file.error)
            elif name not in entered:
                entered.add(name)
                stack.append((name, True))
                stack.extend((need, False) for need in reversed(file.needs))
        return list(done.values())

    def _file(self, name: str) -> _File | None:
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
        if parent and not self._is_folder(parent):
            return None
        relative = Path(*name.split("."))
        for root in self._roots:
            if root.name in _INSTALLED and relative.parts[0] not in self._packages:
                continue
            for candidate in (root / relative / "__init__.py", root / f"{relative}.py"):
                if candidate.is_file():
                    return candidate
        return None

    def _is_folder(self, name: str) -> bool:
        if name not in self._folders:
            relative = Path(*name.split(".")) if name.strip(".") else None
            self._folders[name] = relative is not None and any(
                (root / relative).is_dir()
                for root in self._roots
                if root.name not in _INSTALLED or relative.parts[0] in self._packages
            )
        return self._folders[name]

    def _need(self, module: str, user: _File | None) -> _File | None:
        file = self._file(module)
        if file is not None:
            self._needed.setdefault(module, file)
            if user is not None and user is not file:
                user.needs[module] = None
        return file

    # -- what is needed

    def work(self) -> None:
        while self._units:
            file, unit = self._units.pop()
            self._unit(file, unit)

    def _need_all(self, module: str, user: _File | None) -> None:
        file = self._need(module, user)
        if file is None or file.whole:
            return
        file.whole = True
        units = file.units
        if units is None:
            return
        for unit in (*units.everything, *(m for found in units.methods.values() for m in found)):
            self._push(file, unit)
        for star in units.bindings.stars:
            if id(star.statement) not in units.type_checking:
                self._need_all(absolute_name(units.parsed, star.module, star.level), file)

    def _push(self, file: _File, unit: Unit) -> None:
        if id(unit) not in self._done:
            self._done.add(id(unit))
            file.lines.add(unit.line)
            self._units.append((file, unit))

    def _unit(self, file: _File, unit: Unit) -> None:
        """Follows what a unit uses."""
        units = file.units
        assert units is not None
        if isinstance(unit.node, ast.Import | ast.ImportFrom):
            if file.whole and not unit.type_checking:
                self._whole_import(file, units, unit)
            return
        uses = unit.uses
        for name, chains in uses.chains.items():
            local = uses.imports.get(name)
            for binding in local or ():
                self._follow(file, units, binding, chains)
            if local is None:
                self._name(file, name, chains)
        for name, bindings in uses.imports.items():
            if name not in uses.chains:
                for binding in bindings:
                    self._follow(file, units, binding, {()})
        for attribute in uses.attributes - self._attributes:
            self._attributes.add(attribute)
            for owner, waiting in self._waiting.pop(attribute, ()):
                if waiting.owner is not None:
                    self._push(owner, waiting)
                elif owner.units is not None:
                    self._change(owner, owner.units, waiting)
        if isinstance(unit.node, ast.ClassDef) and not file.whole:
            self._methods(file, units, unit.node)

    def _whole_import(self, file: _File, units: ModuleUnits, unit: Unit) -> None:
        """An import of a file that is needed whole: what it binds is followed by its uses; a module
        that nothing is read of is followed as such."""
        used: dict[str, set[Chain]] = {}
        for other in (*units.everything, *(m for found in units.methods.values() for m in found)):
            for name in unit.binds:
                used.setdefault(name, set()).update(other.uses.chains.get(name, ()))
        for name in unit.binds:
            for binding in units.bindings.names.get(name, ()):
                if binding.statement is unit.node:
                    self._follow(file, units, binding, used[name] or {()})

    def _methods(self, file: _File, units: ModuleUnits, node: ast.ClassDef) -> None:
        everything = self._has_unknown_base(file.name, node.name, set())
        for method in units.methods.get(node.name, ()):
            name = getattr(method.node, "name", "")
            special = name.startswith("__") and name.endswith("__")
            if special or everything or name in self._attributes or name in _CALLED_BY_KERAS:
                self._push(file, method)
            else:
                self._waiting.setdefault(name, []).append((file, method))

    def _has_unknown_base(self, module: str, name: str, seen: set[tuple[str, str]]) -> bool:
        """Whether a class has a base outside of the project that may call any method of it."""
        file = self._file(module)
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
                owner, found = self._origin(module, root.id)
                if owner is None:
                    continue
                if self._file(owner) is not None:
                    if found is not None and self._has_unknown_base(owner, found, seen):
                        return True
                elif owner.partition(".")[0] not in ROOTS | _WITHOUT_HOOKS:
                    return True
        return False

    def _origin(self, module: str, name: str, depth: int = 20) -> tuple[str | None, str | None]:
        """The module and name where an imported name is defined; no module for a built-in one."""
        file = self._file(module)
        units = None if file is None else file.units
        if units is None or depth == 0:
            return module, name
        bindings = units.bindings.names.get(name)
        if not bindings:
            for star in reversed(units.bindings.stars):
                owner = absolute_name(units.parsed, star.module, star.level)
                if self._exports(owner, name):
                    return self._origin(owner, name, depth - 1)
            return (None, None) if not self._is_folder(module) else (f"{module}.{name}", None)
        first = bindings[0]
        if first.kind != "import":
            return module, name
        owner = absolute_name(units.parsed, first.module, first.level)
        if first.attribute is None:
            return owner, None
        if self._file(owner) is None:
            return owner, first.attribute
        return self._origin(owner, first.attribute, depth - 1)

    def _name(self, file: _File, name: str, chains: Iterable[Chain]) -> None:
        """Follows a name of a file's top level, of which these attribute chains are read."""
        units = file.units
        if units is None:
            return
        found = units.by_name.get(name)
        if not found:
            self._lead(file, units, name, chains)
            return
        real = [unit for unit in found if not unit.type_checking]
        new = name not in file.names
        file.names.add(name)
        for unit in found:
            if isinstance(unit.node, ast.Import | ast.ImportFrom):
                file.lines.add(unit.line)
                self._guards(file, unit)
        for unit in real:
            if not isinstance(unit.node, ast.Import | ast.ImportFrom):
                self._push(file, unit)
        for binding in units.bindings.names.get(name, ()):
            if binding.kind == "import" and id(binding.statement) not in units.type_checking:
                self._follow(file, units, binding, chains)
        if new and not file.whole:
            self._changes(file, units)

    def _guards(self, file: _File, unit: Unit) -> None:
        """An import that is needed brings the tests around it."""
        if id(unit) in self._done or unit.type_checking:
            return
        self._done.add(id(unit))
        for name, chains in unit.uses.chains.items():
            self._name(file, name, chains)

    def _changes(self, file: _File, units: ModuleUnits) -> None:
        """Statements that change the value of a needed name are needed."""
        for unit in units.effects:
            if unit.roots & file.names:
                self._change(file, units, unit)

    def _change(self, file: _File, units: ModuleUnits, unit: Unit) -> None:
        missing = next(iter(sorted(unit.sets - self._attributes)), None)
        if missing is not None:
            # Nobody reads the attribute that is set there, so far.
            self._waiting.setdefault(missing, []).append((file, unit))
        elif unit.sets or any(
            binding.kind != "import"
            for root in unit.roots & file.names
            for binding in units.bindings.names.get(root, ())
        ):
            self._push(file, unit)

    def _lead(self, file: _File, units: ModuleUnits, name: str, chains: Iterable[Chain]) -> None:
        """A name that a module has by `from other import *`."""
        if name in file.leads:
            self._target(file.leads[name], chains, file)
            return
        for star in reversed(units.bindings.stars):
            owner = absolute_name(units.parsed, star.module, star.level)
            if self._exports(owner, name):
                lead = self._origin(owner, name)
                if lead[0] is not None:
                    file.names.add(name)
                    line = getattr(star.statement, "lineno", 0)
                    seen = id(star.statement) not in units.type_checking
                    file.leads[name] = Lead(name, lead[0], lead[1], line if seen else 0)
                    self._target(file.leads[name], chains, file)
                return

    def _target(self, lead: Lead, chains: Iterable[Chain], user: _File) -> None:
        if lead.attribute is None:
            self._chains(lead.module, chains, user)
        elif (owner := self._need(lead.module, user)) is not None:
            self._name(owner, lead.attribute, chains)

    def _asked(self, module: str, name: str, chains: Iterable[Chain], user: _File) -> None:
        """`from module import name`, or `module.name`, somewhere else."""
        file = self._need(module, user)
        units = None if file is None else file.units
        if file is None or units is None:
            return
        found = units.by_name.get(name, ())
        if found and all(unit.type_checking for unit in found):
            # A module that makes its names when they are asked for: what type checkers see.
            for binding in units.bindings.names[name]:
                if binding.kind == "import" and name not in file.leads:
                    owner = absolute_name(units.parsed, binding.module, binding.level)
                    lead = (owner, binding.attribute)
                    if binding.attribute is not None and self._file(owner) is not None:
                        origin = self._origin(owner, binding.attribute)
                        lead = (origin[0] or owner, origin[1])
                    file.names.add(name)
                    file.leads[name] = Lead(name, *lead)
            if name in file.leads:
                user.asked.add((module, name))
                self._target(file.leads[name], chains, file)
            return
        self._name(file, name, chains)
        if not found and name not in file.leads and "__getattr__" in units.by_name:
            self._name(file, "__getattr__", {()})

    # -- imports

    def _follow(
        self, file: _File, units: ModuleUnits, binding: Binding, chains: Iterable[Chain]
    ) -> None:
        """Follows an import, of whose name these attribute chains are read."""
        owner = absolute_name(units.parsed, binding.module, binding.level)
        if owner.partition(".")[0] in ROOTS:
            return
        key = f"{owner}:{binding.attribute}"
        new = [c for c in sorted(chains) if (file.name, key, c) not in self._followed]
        self._followed.update((file.name, key, chain) for chain in new)
        if not new:
            return
        if binding.attribute is None:
            self._chains(owner, new, file)
            return
        target = f"{owner}.{binding.attribute}"
        # A package that imports its own module defines nothing but that.
        defined = owner != file.name and self._defines(owner, binding.attribute)
        if not defined and (self._file(target) is not None or self._is_folder(target)):
            self._chains(target, new, file)
        else:
            self._asked(owner, binding.attribute, new, file)

    def _defines(self, module: str, attribute: str) -> bool:
        file = self._file(module)
        units = None if file is None else file.units
        return units is not None and attribute in units.by_name

    def _chains(self, module: str, chains: Iterable[Chain], user: _File) -> None:
        """Follows a module, of which the user reads these attribute chains."""
        for chain in chains:
            current, rest = module, chain
            while rest and not self._defines(current, rest[0]):
                deeper = f"{current}.{rest[0]}"
                if self._file(deeper) is None and not self._is_folder(deeper):
                    break
                current, rest = deeper, rest[1:]
            if rest:
                self._asked(current, rest[0], {rest[1:]}, user)
            else:
                self._need_all(current, user)

    def _exports(self, module: str, wanted: str) -> bool:
        """Whether `from module import *` gives `wanted`."""
        key = (module, wanted)
        if key not in self._exported:
            self._exported[key] = False  # the answer inside a cycle
            self._exported[key] = self._finds(module, wanted)
        return self._exported[key]

    def _finds(self, module: str, wanted: str) -> bool:
        file = self._file(module)
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
            self._exports(absolute_name(units.parsed, star.module, star.level), wanted)
            for star in units.bindings.stars
        )


def _read(name: str, path: Path) -> _File:
    try:
        with tokenize.open(path) as file:
            return _File(name, path, file.read())
    except (SyntaxError, UnicodeDecodeError) as problem:
        return _File(name, path, "", str(problem), whole=True)


def _imported(
    node: ast.Import | ast.ImportFrom, parsed: ParsedModule
) -> Iterator[tuple[str, str | None, str]]:
    """Module, attribute and local (perhaps dotted) name of each imported name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None, alias.asname or alias.name
        return
    module = absolute_name(parsed, node.module or "", node.level)
    for alias in node.names:
        yield module, alias.name, alias.asname or alias.name
