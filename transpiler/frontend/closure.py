"""Which files of a project a file needs: `--follow-imports`."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .bindings import Binding, collect
from .errors import SourceSyntaxError
from .exports import declared_exports
from .parse import ParsedModule, parse_module
from .project import absolute_name
from .resolution import ROOTS
from .uses import attribute_chains, import_statements


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A file of the closure. `names` are those used of it; None: the whole file is needed.

    Only an `__init__` that merely re-exports has `names`: what else it imports is not in the
    closure. `error` says why a file was not looked into.
    """

    path: Path
    module: str
    names: frozenset[str] | None = None
    error: str | None = None


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
    return closure.ordered()


@dataclass(slots=True)
class _File:
    """A file that was read. `names` is None when all of it is needed."""

    path: Path
    parsed: ParsedModule | None
    error: str | None
    names: set[str] | None = field(default_factory=set[str])
    needs: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"


class _Closure:
    def __init__(self, roots: list[Path], max_files: int) -> None:
        self._roots = roots
        self._max_files = max_files
        self._read: dict[str, _File | None] = {}
        self._needed: dict[str, _File] = {}
        self._pending: list[str] = []

    def add_entry(self, path: Path) -> None:
        root = next((root for root in self._roots if path.is_relative_to(root)), None)
        if root is None:
            root = path.parent
            while (root / "__init__.py").is_file() and root != root.parent:
                root = root.parent
            self._roots.append(root)
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "__init__"
        self._read[name] = _read(name, path)
        self._need_all(name)
        self._work()

    def ordered(self) -> list[NeededFile]:
        """Dependencies first, by a loop, since chains of imports can be long."""
        done: dict[str, NeededFile] = {}
        entered: set[str] = set()
        stack = [(name, False) for name in reversed(self._needed)]
        while stack:
            name, leaving = stack.pop()
            file = self._needed[name]
            if leaving:
                names = None if file.names is None else frozenset(file.names)
                done[name] = NeededFile(file.path, name, names, file.error)
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
        relative = Path(*name.split("."))
        for root in self._roots:
            for candidate in (root / relative / "__init__.py", root / f"{relative}.py"):
                if candidate.is_file():
                    return candidate
        return None

    def _work(self) -> None:
        while self._pending:
            name = self._pending.pop()
            parsed = self._needed[name].parsed
            if parsed is None:
                continue
            chains = attribute_chains(parsed.tree)
            for node in import_statements(parsed.tree.body):
                for module, attribute, bound in _imported(node, parsed):
                    target = module if attribute in (None, "*") else f"{module}.{attribute}"
                    if attribute == "*":
                        self._need_all(module, name)
                    elif self._defines(module, attribute):
                        self._need_name(module, attribute or "", name)
                    elif self._file(target) is not None or self._is_folder(target):
                        self._need_chains(target, _chains_of(bound, chains), name)
                    elif attribute is not None:
                        self._need_name(module, attribute, name)

    def _is_folder(self, name: str) -> bool:
        relative = Path(*name.split(".")) if name.strip(".") else None
        return relative is not None and any((root / relative).is_dir() for root in self._roots)

    def _defines(self, module: str, attribute: str | None) -> bool:
        file = self._file(module) if attribute is not None else None
        parsed = None if file is None else file.parsed
        return parsed is not None and attribute in _top_level(parsed)

    def _need_chains(self, module: str, chains: set[tuple[str, ...]], user: str) -> None:
        """Follows `module`, of which the user reads these attribute chains."""
        file = self._file(module)
        for chain in chains or {()}:
            current, rest = module, chain
            while rest and not self._defines(current, rest[0]):
                deeper = f"{current}.{rest[0]}"
                if self._file(deeper) is None and not self._is_folder(deeper):
                    break
                current, rest = deeper, rest[1:]
            if rest:
                self._need_name(current, rest[0], user)
            else:
                self._need_all(current, user)
        if file is not None and not file.is_package:
            self._need_all(module, user)

    def _need(self, module: str, user: str | None) -> _File | None:
        file = self._file(module)
        if file is not None:
            self._needed.setdefault(module, file)
            if user is not None and user != module:
                self._needed[user].needs[module] = None
        return file

    def _need_all(self, module: str, user: str | None = None) -> None:
        file = self._need(module, user)
        if file is not None and file.names is not None:
            file.names = None
            self._pending.append(module)

    def _need_name(self, module: str, wanted: str, user: str) -> None:
        """Follows one name of a module: all of a plain module, only the name of a facade."""
        file = self._need(module, user)
        if file is None or file.names is None or wanted in file.names:
            return
        parsed = file.parsed
        bindings = None if parsed is None else _top_level(parsed).get(wanted)
        is_import = all(binding.kind == "import" for binding in bindings or ())
        if not file.is_package or parsed is None or not is_import:
            self._need_all(module, user)
            return
        file.names.add(wanted)
        for binding in bindings or ():
            owner = absolute_name(parsed, binding.module, binding.level)
            if binding.attribute is not None and self._defines(owner, binding.attribute):
                self._need_name(owner, binding.attribute, module)
            else:
                target = f"{owner}.{binding.attribute}" if binding.attribute else owner
                found = self._file(target) is not None
                self._need_chains(target, set(), module) if found else self._need_name(
                    owner, binding.attribute or "", module
                )
        for star in () if bindings else collect(parsed.tree.body, walrus=False).stars:
            owner = absolute_name(parsed, star.module, star.level)
            if self._exports(owner, wanted, set()):
                self._need_name(owner, wanted, module)

    def _exports(self, module: str, wanted: str, seen: set[str]) -> bool:
        """Whether `from module import *` gives `wanted`."""
        file = self._file(module)
        if file is None or file.parsed is None or module in seen:
            return False
        seen.add(module)
        exports = declared_exports(file.parsed.tree)
        if exports is not None:
            return wanted in exports
        if wanted.startswith("_"):
            return False
        scope = collect(file.parsed.tree.body, walrus=False)
        return wanted in scope.names or any(
            self._exports(absolute_name(file.parsed, star.module, star.level), wanted, seen)
            for star in scope.stars
        )


def _read(name: str, path: Path) -> _File:
    try:
        with tokenize.open(path) as file:
            text = file.read()
        parsed = parse_module(text, name=name, is_package=path.name == "__init__.py")
    except (SourceSyntaxError, SyntaxError, UnicodeDecodeError) as problem:
        return _File(path, None, str(problem))
    return _File(path, parsed, None)


def _top_level(parsed: ParsedModule) -> dict[str, list[Binding]]:
    return collect(parsed.tree.body, walrus=False).names


def _chains_of(bound: str, chains: dict[str, set[tuple[str, ...]]]) -> set[tuple[str, ...]]:
    """The chains read from `bound`, a name or (after `import a.b`) a dotted one."""
    root, *rest = bound.split(".")
    known = chains.get(root, set())
    return {chain[len(rest) :] for chain in known if list(chain[: len(rest)]) == rest}


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
