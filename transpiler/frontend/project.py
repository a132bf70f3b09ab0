"""The modules of a project and what the names at their top level stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property

from ...rules.api import SourceApi
from .bindings import Binding, ScopeBindings, collect, collect_function, functions
from .combine import combine
from .exports import declared_exports
from .namespaces import member_of_object
from .parse import ParsedModule
from .resolution import (
    ROOTS,
    Api,
    ApiModule,
    ApiObject,
    External,
    ProjectDefinition,
    ProjectModule,
    Resolution,
    api_path,
    member,
)
from .values import Lookup, binding_outcome


class ModuleTable:
    """The top-level names of one module. Names resolve on first use."""

    def __init__(self, parsed: ParsedModule, project: ProjectTable) -> None:
        self.parsed = parsed
        self.project = project
        self.name = parsed.name
        self._resolved: dict[str, Resolution | None] = {}

    @cached_property
    def bindings(self) -> ScopeBindings:
        """Bindings at the top level, those made through `global` in functions included."""
        scope = collect(self.parsed.tree.body, walrus=self.parsed.has_walrus)
        if self.parsed.has_globals:
            for function in functions(self.parsed.tree.body):
                inner = collect_function(function, walrus=False)
                for name in inner.global_names & inner.names.keys():
                    for binding in inner.names[name]:
                        binding.function = function
                        binding.conditional = True
                        scope.add(name, binding)
        return scope

    @cached_property
    def exports(self) -> frozenset[str] | None:
        """The names of `__all__`, None when it is absent or computed."""
        return declared_exports(self.parsed.tree)

    @cached_property
    def used_names(self) -> frozenset[str]:
        """Every name that the module reads somewhere."""
        return frozenset(
            node.id
            for node in ast.walk(self.parsed.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )

    @cached_property
    def attribute_uses(self) -> frozenset[tuple[str, str]]:
        """Every `name.attribute` in the module."""
        return frozenset(
            (node.value.id, node.attr)
            for node in ast.walk(self.parsed.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        )

    def absolute(self, binding: Binding) -> str:
        """The absolute dotted name of the module that an import binding names."""
        return self.absolute_from(binding.module, binding.level)

    def absolute_from(self, module: str, level: int) -> str:
        """The absolute dotted name of `module` with `level` leading dots."""
        return absolute_name(self.parsed, module, level)

    def may_return_module(self, name: str) -> bool:
        """Whether the text of function `name` could find an API module: a cheap first look."""
        node = self.definition(name)
        if not isinstance(node, ast.FunctionDef):
            return False
        text = "\n".join(self.parsed.lines[node.lineno - 1 : node.end_lineno])
        return any(hint in text for hint in ("import", "getattr", ".get(", ".pop("))

    def definition(self, name: str) -> ast.stmt | None:
        """The class or function statement that defines `name`, the last of several."""
        for binding in reversed(self.bindings.names.get(name, [])):
            if binding.kind == "definition" and isinstance(binding.statement, ast.stmt):
                return binding.statement
        return None

    def lookup(self, name: str) -> Resolution | None:
        """What `name` stands for at the top level; None when the module does not bind it."""
        try:
            return self._resolved[name]
        except KeyError:
            pass
        bindings = self.bindings.names.get(name)
        own = ProjectDefinition(self.name, name) if bindings else None
        self._resolved[name] = own  # the answer inside an import cycle
        found = self._resolve(name, bindings) if bindings else self._from_stars(name)
        self._resolved[name] = found or own
        return found or own

    def _resolve(self, name: str, bindings: list[Binding]) -> Resolution | None:
        return combine(
            [
                (binding, binding_outcome(binding, name, self, self._lookup_in(binding)))
                for binding in bindings
            ]
        )

    def _lookup_in(self, binding: Binding) -> Lookup:
        if binding.function is None:
            return self.lookup
        local = collect_function(binding.function, walrus=False)
        hidden = local.names.keys() - local.global_names

        def lookup(name: str) -> Resolution | None:
            return None if name in hidden else self.lookup(name)

        return lookup

    def _from_stars(self, name: str) -> Resolution | None:
        for star in reversed(self.bindings.stars):
            found = self.project.star_member(self.absolute(star), name)
            if found is not None:
                return found
        return None


class ProjectTable:
    """All modules of a project by dotted name."""

    def __init__(self, modules: Mapping[str, ParsedModule], api: Api) -> None:
        self.api = api
        self.modules = {name: ModuleTable(parsed, self) for name, parsed in modules.items()}
        self._packages = {parent for name in modules for parent in _parents(name)}
        self._members: dict[tuple[Resolution, str], Resolution | None] = {}

    @staticmethod
    def build(modules: Mapping[str, ParsedModule], api: Api | None = None) -> ProjectTable:
        """The table of these modules; `api` is the data that ships with tfjax by default."""
        return ProjectTable(modules, api or SourceApi.load())

    def resolve(self, module: str, name: str) -> Resolution | None:
        """What a (dotted) name stands for at the top level of `module`; None for built-ins.

        Raises KeyError when the project has no such module.
        """
        root, *attributes = name.split(".")
        found = self.modules[module].lookup(root)
        for attribute in attributes:
            found = None if found is None else self.member(found, attribute)
        return found

    def has_module(self, dotted: str) -> bool:
        """Whether the project has such a module, or a package that holds one."""
        return dotted in self.modules or dotted in self._packages

    def imported(self, dotted: str, attribute: str | None) -> Resolution:
        """What `import dotted` or `from dotted import attribute` gives."""
        found = self._module(dotted)
        if attribute is None:
            return found
        full = f"{dotted}.{attribute}"
        is_api = dotted.partition(".")[0] in ROOTS
        if isinstance(found, ProjectModule) and is_api:
            # A file of Keras itself is compiled: its package is the project's and the API's.
            known = api_path(self.api, full)
            if known is not None:
                return known
        return self.member(found, attribute) or (
            ApiObject(full, known=False) if is_api else External(full)
        )

    def _module(self, dotted: str) -> Resolution:
        is_api = dotted.partition(".")[0] in ROOTS
        found = api_path(self.api, dotted) if is_api else None
        if found is not None:
            return found
        if self.has_module(dotted):
            return ProjectModule(dotted)
        return ApiObject(dotted, known=False) if is_api else External(dotted)

    def member(self, owner: Resolution, attribute: str) -> Resolution | None:
        """What `owner.attribute` stands for, None when only the run can tell."""
        key = (owner, attribute)
        if key not in self._members:
            found = self._member(owner, attribute)
            if isinstance(owner, ProjectModule):
                return found  # may be provisional inside an import cycle; the module remembers
            self._members[key] = found
        return self._members[key]

    def _member(self, owner: Resolution, attribute: str) -> Resolution | None:
        match owner:
            case ApiObject(path=path, known=False):
                return api_path(self.api, f"{path}.{attribute}") or ApiObject(
                    f"{path}.{attribute}", known=False
                )
            case ApiModule() | ApiObject():
                return member(self.api, owner, attribute)
            case ProjectModule(name=name):
                if (own := self._own_symbol(f"{name}.{attribute}")) is not None:
                    return own
                table = self.modules.get(name)
                found = None if table is None else table.lookup(attribute)
                submodule = f"{name}.{attribute}"
                if found is None and self.has_module(submodule):
                    return ProjectModule(submodule)
                return found
            case External(dotted=dotted):
                full = f"{dotted}.{attribute}"
                return self._own_symbol(full) or External(full)
            case ProjectDefinition(module=module, name=name):
                table = self.modules.get(module)
                return None if table is None else member_of_object(table, name, attribute)

    def _own_symbol(self, dotted: str) -> ApiObject | ApiModule | None:
        """What a rule of the user speaks of, in a package other than TF and Keras."""
        return None if dotted.partition(".")[0] in ROOTS else api_path(self.api, dotted)

    def star_member(self, dotted: str, name: str) -> Resolution | None:
        """What `from dotted import *` binds `name` to, None when it does not."""
        if dotted in self.modules and api_path(self.api, dotted) is None:
            table = self.modules[dotted]
            exports = table.exports
            public = not name.startswith("_") if exports is None else name in exports
            if not public:
                return None
            return self.member(ProjectModule(dotted), name)
        owner = self._module(dotted)
        if isinstance(owner, ApiModule) and not name.startswith("_"):
            return api_path(self.api, f"{owner.path}.{name}")
        return None


def absolute_name(parsed: ParsedModule, module: str, level: int) -> str:
    """The absolute name of `from ..module import`; keeps its dots when they lead too far up."""
    if level == 0:
        return module
    parts = parsed.package.split(".") if parsed.package else []
    up = level - 1
    if up > len(parts) or (not parts and level):
        return "." * level + module
    base = parts[: len(parts) - up]
    return ".".join([*base, module] if module else base) or "."


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
