"""Statements that do nothing but give names to parts of the API."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...ir.nodes import Body, Pass
from ...ir.span import Span
from .bindings import target_names
from .evaluated import is_table
from .namespaces import feeds_namespace, is_namespace_class, is_namespace_object
from .resolution import ROOTS, ApiModule, ApiObject, Resolution

if TYPE_CHECKING:
    from .project import ModuleTable

Lookup = Callable[[str], Resolution | None]


@dataclass(slots=True)
class ApiBindings:
    """Spans of statements that passes may drop once every use of their names is rewritten.

    `modules`: assignments, `global` lines and whole `if` / `try` blocks that only bind API modules
    (`layers = kwargs.pop("layers")`); `objects`: aliases such as `Dense = layers.Dense`;
    `imports`: import statements of which every name is an API module or object.
    """

    modules: set[Span] = field(default_factory=set[Span])
    objects: set[Span] = field(default_factory=set[Span])
    imports: set[Span] = field(default_factory=set[Span])

    def note_assign(self, node: ast.Assign, span: Span, lookup: Lookup) -> None:
        """Files an assignment if all that it binds are names of API modules or objects."""
        if not isinstance(node.value, _MAY_NAME_API):
            return
        if not all(isinstance(target, _NAMES) for target in node.targets):
            return
        names = [name for target in node.targets for name in target_names(target)]
        found = [lookup(name) for name in names]
        if found and all(isinstance(one, ApiModule) for one in found):
            self.modules.add(span)
        elif found and all(isinstance(one, ApiModule | ApiObject) for one in found):
            self.objects.add(span)

    def note_namespace(
        self, node: ast.Assign | ast.ClassDef, span: Span, table: ModuleTable
    ) -> None:
        """Files an object that only looks up members of the API, its class, and the dicts of API
        modules and objects that the class looks into."""
        match node:
            case ast.ClassDef():
                droppable = is_namespace_class(node) and any(
                    is_namespace_object(table, name)
                    for name, bindings in table.bindings.names.items()
                    for binding in bindings
                    if _makes(binding.value, node.name)
                )
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_table(value):
                droppable = feeds_namespace(table, name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[], keywords=[])):
                droppable = is_namespace_object(table, name)
            case _:
                droppable = False
        if droppable:
            self.modules.add(span)

    def note_names(self, names: Sequence[str], span: Span, lookup: Lookup) -> None:
        """Files a `global` line."""
        if all(isinstance(lookup(name), ApiModule) for name in names):
            self.modules.add(span)

    def note_import(self, node: ast.Import | ast.ImportFrom, span: Span, lookup: Lookup) -> None:
        """Files an import."""
        for alias in node.names:
            if alias.name == "*":
                module = node.module if isinstance(node, ast.ImportFrom) and not node.level else ""
                if (module or "").partition(".")[0] not in ROOTS:
                    return
                continue
            name = alias.asname or alias.name.partition(".")[0]
            if not isinstance(lookup(name), ApiModule | ApiObject):
                return
        self.imports.add(span)

    def note_block(self, bodies: Sequence[Body], span: Span) -> None:
        """Files an `if` or `try` of which every statement is filed."""
        statements = [statement for body in bodies for statement in body]
        droppable = [
            statement.span in self.modules or statement.span in self.imports
            for statement in statements
            if not isinstance(statement, Pass)
        ]
        if droppable and all(droppable):
            self.modules.add(span)


def _makes(value: ast.expr | None, name: str) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=made)):
            return made == name
        case _:
            return False


_NAMES = (ast.Name, ast.Tuple, ast.List)
_MAY_NAME_API = (
    ast.Attribute,
    ast.BoolOp,
    ast.Call,
    ast.Constant,
    ast.IfExp,
    ast.List,
    ast.Name,
    ast.Tuple,
)
