"""How symbols and references are spelled in the output, and which imports that takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...ir import nodes as ir

HELPERS = "tf_compat"


@dataclass(frozen=True, slots=True)
class NewImport:
    """`import module as alias` (`name` None) or `from module import name as alias`."""

    module: str
    name: str | None = None
    alias: str | None = None
    level: int = 0


# Dotted prefix -> (module, name or None, name it is bound to, other names if that one is taken)
_PREFERRED: Mapping[str, tuple[str, str | None, str, str]] = {
    "jax.numpy": ("jax.numpy", None, "jnp", "jax_numpy"),
    "jax.lax": ("jax", "lax", "lax", "jax_lax"),
    "jax": ("jax", None, "jax", "jax_"),
    "flax.nnx": ("flax", "nnx", "nnx", "flax_nnx"),
    "flax.linen": ("flax", "linen", "nn", "linen"),
    "flax": ("flax", None, "flax", "flax_"),
    "optax": ("optax", None, "optax", "optax_"),
    "numpy": ("numpy", None, "np", "numpy"),
    "tensorflow": ("tensorflow", None, "tf", "tensorflow"),
}
# Modules that their package loads itself, so that the import names the package.
_LOADED_BY_PACKAGE = frozenset({"os.path"})
# Parts of jax that `import jax` alone does not load.
_LOADED_APART = ("jax.scipy", "jax.experimental", "jax.example_libraries", "jax.export")


def imported_names(node: ir.Import, package: str) -> Iterable[tuple[ir.ImportAlias, str, str]]:
    """For each alias: the name it binds and the dotted path of what that name stands for."""
    base = absolute_module(node, package)
    for alias in node.names:
        if node.module is None:
            root = alias.name.partition(".")[0]
            yield alias, alias.alias or root, alias.name if alias.alias else root
        else:
            yield alias, alias.alias or alias.name, f"{base}.{alias.name}" if base else alias.name


def absolute_module(node: ir.Import, package: str) -> str:
    """The dotted module of a `from` import, seen from a package."""
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
    return ".".join([*parts, *([node.module] if node.module else [])])


class Spelling:
    """Spells symbols and references; collects the imports that this needs."""

    def __init__(
        self,
        bound: Mapping[str, str],
        taken: Iterable[str],
        *,
        module: str,
        package: str,
        relative: bool,
        helper_module: str,
        renamed: Mapping[tuple[str, str], str],
        seen: Mapping[tuple[str, str], str],
        written: Mapping[str, tuple[str, int]],
    ) -> None:
        """`bound`: dotted path -> name that a kept top-level import gives it; `taken`: names not to
        bind; `seen`: how the source spells references that its imports reach.
        """
        self.bound = dict(bound)
        self.taken = set(taken) | set(bound.values())
        self.module, self.package, self.relative = module, package, relative
        self.helper_module = helper_module
        self.renamed, self.seen, self.written = renamed, seen, written
        self.imports: list[NewImport] = []
        self.helpers: set[str] = set()
        self._symbols: dict[str, str] = {}
        self._references: dict[tuple[str, str], str] = {}

    def symbol(self, path: str) -> str:
        """The text of an API object."""
        text = self._symbols.get(path)
        if text is None:
            text = self._symbols[path] = self._spell(path)
        return text

    def _spell(self, path: str) -> str:
        head, _, last = path.rpartition(".")
        if not head or head == "builtins":
            return last
        if head == HELPERS:
            self.helpers.add(last)
            level = len(self.helper_module) - len(self.helper_module.lstrip("."))
            return self._from(self.helper_module.lstrip("."), last, level, path)
        if path in self.bound:
            return self.bound[path]
        prefix = path
        while prefix and prefix not in _PREFERRED:
            prefix = prefix.rpartition(".")[0]
        known = self._bound_prefix(path, longer_than=prefix)
        if known is not None:
            return known
        if not prefix:
            root = head.partition(".")[0]
            module = root if head in _LOADED_BY_PACKAGE else head
            return self._import(module, root) + path[len(root) :]
        module, name, alias, other = _PREFERRED[prefix]
        for part in _LOADED_APART:
            if path.startswith(part + ".") and prefix == "jax":
                inner = path.rpartition(".")[0] if path.count(".") > part.count(".") + 1 else part
                self._add(NewImport(inner), None, None)
        free = alias if alias not in self.taken else other
        while free in self.taken:
            free += "_"
        wanted = None if free == (name or module) else free
        self._add(NewImport(module, name, wanted), prefix, free)
        return free + path[len(prefix) :]

    def _bound_prefix(self, path: str, longer_than: str) -> str | None:
        prefix = path
        while prefix and len(prefix) >= len(longer_than):
            if prefix in self.bound:
                return self.bound[prefix] + path[len(prefix) :]
            prefix = prefix.rpartition(".")[0]
        return None

    def _import(self, module: str, root: str) -> str:
        self._add(NewImport(module), root if root == module else None, root)
        return root

    def _add(self, new: NewImport, path: str | None, name: str | None) -> None:
        if new not in self.imports:
            self.imports.append(new)
        if name is not None:
            self.taken.add(name)
            if path is not None:
                self.bound[path] = name

    def _from(self, module: str, name: str, level: int, path: str) -> str:
        if path in self.bound:
            return self.bound[path]
        free = name
        while free in self.taken:
            free += "_"
        self._add(NewImport(module, name, None if free == name else free, level), path, free)
        return free

    def reference(self, module: str, name: str) -> str:
        """The text of a project definition."""
        key = (module, name)
        text = self._references.get(key)
        if text is None:
            text = self._references[key] = self._refer(module, name)
        return text

    def _refer(self, module: str, name: str) -> str:
        new_name = self.renamed.get((module, name), name)
        if module == self.module:
            return new_name
        path = f"{module}.{new_name}"
        if path in self.bound:
            return self.bound[path]
        if module in self.bound:
            return f"{self.bound[module]}.{new_name}"
        seen = self.seen.get((module, name))
        if seen is not None and new_name == name:
            return seen
        if module in self.written:
            written, level = self.written[module]
            return self._from(written, new_name, level, path)
        if not self.relative:
            return self._from(module, new_name, 0, path)
        here, there = self.package.split("."), module.split(".")
        common = 0
        while common < min(len(here), len(there)) and here[common] == there[common]:
            common += 1
        if not common:
            return self._from(module, new_name, 0, path)
        level = len(here) - common + 1
        return self._from(".".join(there[common:]), new_name, level, path)
