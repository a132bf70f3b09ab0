"""Lexical scopes during lowering: what a name stands for where it is used."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .bindings import ScopeBindings, collect, collect_function, parameters
from .combine import combine
from .project import ModuleTable
from .resolution import Resolution
from .values import binding_outcome


class Scope:
    """One scope. Answers are remembered by name, those of outer scopes too.

    `parent` is the scope that free names go to: classes are skipped, as in Python.
    """

    __slots__ = ("_known", "bindings", "module", "parent")

    def __init__(
        self, module: ModuleTable, bindings: ScopeBindings | None, parent: Scope | None
    ) -> None:
        self.module = module
        self.bindings = bindings
        self.parent = parent
        self._known: dict[str, Resolution | None] = {}

    def lookup(self, name: str) -> Resolution | None:
        """What `name` stands for here; None for local variables and built-ins."""
        try:
            return self._known[name]
        except KeyError:
            pass
        self._known[name] = None  # the answer inside a cycle such as `x = x.attribute`
        found = self._find(name)
        self._known[name] = found
        return found

    def _find(self, name: str) -> Resolution | None:
        if self.bindings is None or self.parent is None:
            return self.module.lookup(name)
        if name in self.bindings.global_names:
            return self.module.lookup(name)
        own = self.bindings.names.get(name)
        if own is None or name in self.bindings.nonlocal_names:
            return self.parent.lookup(name)
        return combine([(b, binding_outcome(b, name, self.module, self.lookup)) for b in own])

    def hide(self, names: Iterable[str]) -> None:
        """Makes names local values of which nothing is known."""
        for name in names:
            self._known[name] = None


def module_scope(module: ModuleTable) -> Scope:
    return Scope(module, None, None)


def function_scope(
    node: ast.FunctionDef | ast.AsyncFunctionDef, module: ModuleTable, parent: Scope
) -> Scope:
    bindings = collect_function(node, walrus=module.parsed.has_walrus)
    return Scope(module, bindings, parent)


def class_scope(node: ast.ClassDef, module: ModuleTable, parent: Scope) -> Scope:
    bindings = collect(node.body, walrus=module.parsed.has_walrus)
    return Scope(module, bindings, parent)


def lambda_scope(arguments: ast.arguments, module: ModuleTable, parent: Scope) -> Scope:
    bindings = ScopeBindings()
    parameters(arguments, bindings)
    return Scope(module, bindings, parent)


def nested_scope(names: Iterable[str], module: ModuleTable, parent: Scope) -> Scope:
    """The scope of a comprehension that binds `names`."""
    scope = Scope(module, ScopeBindings(), parent)
    scope.hide(names)
    return scope
