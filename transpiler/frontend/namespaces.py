"""Objects that stand for a module of the API: all they have is a `__getattr__` that asks one.

class Backend:
    def __getattr__(self, name):
        return _remap[name] if name in _remap else getattr(K, name)
BACKEND = Backend()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .evaluate import Evaluation, outcomes
from .evaluated import UNKNOWN
from .resolution import Api, ApiModule, ApiObject, ProjectDefinition, ProjectModule, Resolution

if TYPE_CHECKING:
    from .project import ModuleTable


def member_of_object(table: ModuleTable, name: str, attribute: str) -> Resolution | None:
    """What `name.attribute` is where `name` is such an object of a module; None for any other.

    Where the classes of several versions of Keras answer differently, what all versions have.
    """
    lookups = _lookups(table, name)
    if lookups is None or attribute.startswith("__"):
        return None
    found: set[Any] = set()
    for owner, lookup in lookups:

        def run(evaluation: Evaluation, lookup: ast.FunctionDef = lookup) -> Any:
            return evaluation.run(lookup, [UNKNOWN, attribute], {}, table)

        # What the same branch of an `if` on the version assigns belongs to the class.
        values = outcomes(run, _beside(table.parsed.tree.body, owner))
        if values is None:
            return None
        found |= values
    if not found or not all(isinstance(f, ApiModule | ApiObject | ProjectModule) for f in found):
        return None
    return _for_all_versions(table.project.api, found)


def is_namespace_class(node: ast.ClassDef) -> bool:
    """Whether a class has nothing but `__getattr__`."""
    return _lookup(node) is not None


def is_namespace_object(table: ModuleTable, name: str) -> bool:
    """Whether all uses of such an object, in the whole project, are known members of the API."""
    if _lookups(table, name) is None:
        return False
    wanted = ProjectDefinition(table.name, name)
    for other in table.project.modules.values():
        for node, attribute in _uses(other.parsed.tree):
            if other.lookup(node.id) != wanted:
                continue
            if attribute is None or member_of_object(table, name, attribute) is None:
                return False
    return True


def feeds_namespace(table: ModuleTable, name: str) -> bool:
    """Whether nothing but namespace classes of the module reads `name`."""
    classes = [
        node
        for node in ast.walk(table.parsed.tree)
        if isinstance(node, ast.ClassDef) and is_namespace_class(node)
    ]
    inside = {id(node) for one in classes for node in ast.walk(one)}
    return bool(inside) and all(
        id(node) in inside
        for node in ast.walk(table.parsed.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    )


def _uses(tree: ast.Module) -> Iterator[tuple[ast.Name, str | None]]:
    """The names that a module reads, each with the attribute that is read of it."""
    owned: set[int] = set()
    for node in ast.walk(tree):  # an attribute comes before its owner
        match node:
            case ast.Attribute(value=ast.Name() as owner, attr=attribute, ctx=context):
                owned.add(id(owner))
                yield owner, attribute if isinstance(context, ast.Load) else None
            case ast.Name(ctx=ast.Load()) if id(node) not in owned:
                yield node, None
            case _:
                pass


def _lookups(table: ModuleTable, name: str) -> list[tuple[ast.ClassDef, ast.FunctionDef]] | None:
    """The `__getattr__` of every class that `name` may be an object of."""
    found: list[tuple[ast.ClassDef, ast.FunctionDef]] = []
    for binding in table.bindings.names.get(name, ()):
        match binding.kind, binding.value:
            case "assign", ast.Call(func=ast.Name(id=made), args=[], keywords=[]):
                if binding.position is not None:
                    return None
                for definition in table.bindings.names.get(made, ()):
                    node = definition.statement
                    if not isinstance(node, ast.ClassDef) or (lookup := _lookup(node)) is None:
                        return None
                    found.append((node, lookup))
            case _:
                return None
    return found or None


def _beside(body: Sequence[ast.stmt], node: ast.stmt) -> Sequence[ast.stmt]:
    """The statements of the block that a statement stands in."""
    if node in body:
        return body
    for statement in body:
        for name in ("body", "orelse", "finalbody"):
            block: Sequence[ast.stmt] = getattr(statement, name, ())
            if found := _beside(block, node):
                return found
    return ()


def _lookup(node: ast.ClassDef) -> ast.FunctionDef | None:
    plain = all(isinstance(base, ast.Name) and base.id == "object" for base in node.bases)
    members = [
        member
        for member in node.body
        if not isinstance(member, ast.Pass)
        and not (isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant))
    ]
    match members:
        case [ast.FunctionDef(name="__getattr__", args=arguments) as found] if plain:
            return found if len(arguments.args) == 2 and not node.decorator_list else None
        case _:
            return None


def _for_all_versions(api: Api, found: set[Any]) -> Resolution | None:
    if len(found) == 1:
        return next(iter(found))
    counts = {one: len(api.flavours(one.path)) for one in found if isinstance(one, ApiObject)}
    if len(counts) != len(found):
        return None
    most = max(counts.values())
    best = [one for one, count in counts.items() if count == most]
    return best[0] if len(best) == 1 else None
