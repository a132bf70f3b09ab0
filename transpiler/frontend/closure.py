"""Which files of a project a file needs, and which statements of them: `--follow-imports`.

The files named are needed whole. Of every other file, only what is used is needed: names lead to
definitions, and these to the names that they use. A method is needed when its name is an attribute
that some needed code reads, or when Python or Keras calls it unasked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import Lead, Part
from .bindings import Binding
from .definitions import Definitions
from .parse import ParsedModule
from .project import absolute_name
from .resolution import ROOTS
from .source_files import SourceFile, SourceFiles
from .units import Chain, ModuleUnits, Unit
from .uses import import_statements

# Methods that Keras calls; Python calls those with two underscores.
_CALLED_BY_KERAS = frozenset({"call", "build", "compute_mask"})


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
    closure = _Closure(SourceFiles([root.resolve() for root in roots], max_files))
    for entry in entries:
        closure.add_entry(entry.resolve())
    closure.work()
    return closure.ordered()


def needed_part_of(path: Path, module: str, names: Iterable[str]) -> Part | None:
    """What a file needs for these names at its top level, other files left alone; None: it does
    not parse. Raises OSError when it is unreadable."""
    files = SourceFiles([], 1)
    file = files.add(path, module)
    closure = _Closure(files)
    for name in names:
        closure.add_name(file, name)
    closure.work()
    return file.part({})


class _Closure:
    def __init__(self, files: SourceFiles) -> None:
        self._files = files
        self._definitions = Definitions(files)
        self._needed: dict[str, SourceFile] = {}
        self._units: list[tuple[SourceFile, Unit]] = []
        self._done: set[int] = set()
        self._followed: set[tuple[str, str, Chain]] = set()
        self._attributes: set[str] = set()
        self._waiting: dict[str, list[tuple[SourceFile, Unit]]] = {}

    def add_entry(self, path: Path) -> None:
        self._need_all(self._files.add_entry(path), None)

    def add_name(self, file: SourceFile, name: str) -> None:
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

    def _need(self, module: str, user: SourceFile | None) -> SourceFile | None:
        file = self._files.file(module)
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

    def _need_all(self, module: str, user: SourceFile | None) -> None:
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

    def _push(self, file: SourceFile, unit: Unit) -> None:
        if id(unit) not in self._done:
            self._done.add(id(unit))
            file.lines.add(unit.line)
            self._units.append((file, unit))

    def _unit(self, file: SourceFile, unit: Unit) -> None:
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

    def _whole_import(self, file: SourceFile, units: ModuleUnits, unit: Unit) -> None:
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

    def _methods(self, file: SourceFile, units: ModuleUnits, node: ast.ClassDef) -> None:
        everything = self._definitions.has_unknown_base(file.name, node.name, set())
        for method in units.methods.get(node.name, ()):
            name = getattr(method.node, "name", "")
            special = name.startswith("__") and name.endswith("__")
            if special or everything or name in self._attributes or name in _CALLED_BY_KERAS:
                self._push(file, method)
            else:
                self._waiting.setdefault(name, []).append((file, method))

    def _name(self, file: SourceFile, name: str, chains: Iterable[Chain]) -> None:
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

    def _guards(self, file: SourceFile, unit: Unit) -> None:
        """An import that is needed brings the tests around it."""
        if id(unit) in self._done or unit.type_checking:
            return
        self._done.add(id(unit))
        for name, chains in unit.uses.chains.items():
            self._name(file, name, chains)

    def _changes(self, file: SourceFile, units: ModuleUnits) -> None:
        """Statements that change the value of a needed name are needed."""
        for unit in units.effects:
            if unit.roots & file.names:
                self._change(file, units, unit)

    def _change(self, file: SourceFile, units: ModuleUnits, unit: Unit) -> None:
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

    def _lead(
        self, file: SourceFile, units: ModuleUnits, name: str, chains: Iterable[Chain]
    ) -> None:
        """A name that a module has by `from other import *`."""
        if name in file.leads:
            self._target(file.leads[name], chains, file)
            return
        for star in reversed(units.bindings.stars):
            owner = absolute_name(units.parsed, star.module, star.level)
            if self._definitions.exports(owner, name):
                lead = self._definitions.origin(owner, name)
                if lead[0] is not None:
                    file.names.add(name)
                    line = getattr(star.statement, "lineno", 0)
                    seen = id(star.statement) not in units.type_checking
                    file.leads[name] = Lead(name, lead[0], lead[1], line if seen else 0)
                    self._target(file.leads[name], chains, file)
                return

    def _target(self, lead: Lead, chains: Iterable[Chain], user: SourceFile) -> None:
        if lead.attribute is None:
            self._chains(lead.module, chains, user)
        elif (owner := self._need(lead.module, user)) is not None:
            self._name(owner, lead.attribute, chains)

    def _asked(self, module: str, name: str, chains: Iterable[Chain], user: SourceFile) -> None:
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
                    if binding.attribute is not None and self._files.file(owner) is not None:
                        origin = self._definitions.origin(owner, binding.attribute)
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
        self, file: SourceFile, units: ModuleUnits, binding: Binding, chains: Iterable[Chain]
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
        defined = owner != file.name and self._definitions.defines(owner, binding.attribute)
        if not defined and (self._files.file(target) is not None or self._files.is_folder(target)):
            self._chains(target, new, file)
        else:
            self._asked(owner, binding.attribute, new, file)

    def _chains(self, module: str, chains: Iterable[Chain], user: SourceFile) -> None:
        """Follows a module, of which the user reads these attribute chains."""
        for chain in chains:
            current, rest = module, chain
            while rest and not self._definitions.defines(current, rest[0]):
                deeper = f"{current}.{rest[0]}"
                if self._files.file(deeper) is None and not self._files.is_folder(deeper):
                    break
                current, rest = deeper, rest[1:]
            if rest:
                self._asked(current, rest[0], {rest[1:]}, user)
            else:
                self._need_all(current, user)


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
