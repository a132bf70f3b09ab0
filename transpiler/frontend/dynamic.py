"""Modules that are found by running code: evaluated here for constant arguments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .evaluate import outcomes
from .evaluated import INJECTED, UNKNOWN, Injected, items_of
from .resolution import (
    ApiModule,
    ApiObject,
    External,
    ProjectDefinition,
    ProjectModule,
    Resolution,
)

if TYPE_CHECKING:
    from .project import ModuleTable
    from .values import Lookup

_FINDERS = frozenset(
    {
        "LazyLoader",
        "VersionAwareLayers",
        "__import__",
        "get_submodules_from_kwargs",
        "getattr",
        "import_module",
    }
)


def resolve_call(
    call: ast.Call, position: int | None, name: str, module: ModuleTable, lookup: Lookup
) -> Resolution | None:
    """What a call gives that imports or looks up a module; None for any other call.

    `name` is the variable that the result (or its element at `position`) is bound to. Every way
    through unknown tests must lead to the same thing.
    """
    if not _may_find_module(call, module, lookup):
        return None
    names = _locals(call, module, lookup)
    values = outcomes(
        lambda run: _accept(run.value(call, dict(names), module), position, name, module)
    )
    return values.pop() if values is not None and len(values) == 1 else None


def _may_find_module(call: ast.Call, module: ModuleTable, lookup: Lookup) -> bool:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in ("get", "pop"):
        key = call.args[0] if call.args else None
        return isinstance(key, ast.Constant) and key.value in INJECTED
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if last in _FINDERS:
        return True
    target = expression_target(function, module, lookup)
    match target:
        case ProjectDefinition(module=owner, name=defined):
            table = module.project.modules.get(owner)
            return table is not None and table.may_return_module(defined)
        case ApiObject(path=dotted) | External(dotted=dotted):
            return dotted.rpartition(".")[2] in _FINDERS
        case _:
            return False


def expression_target(node: ast.expr, module: ModuleTable, lookup: Lookup) -> Resolution | None:
    """What a name or attribute chain refers to."""
    if isinstance(node, ast.Name):
        return lookup(node.id)
    if isinstance(node, ast.Attribute):
        owner = expression_target(node.value, module, lookup)
        return None if owner is None else module.project.member(owner, node.attr)
    return None


def _locals(call: ast.Call, module: ModuleTable, lookup: Lookup) -> dict[str, Any]:
    """The names in the call that local scopes resolve; what they hide is unknown."""
    names: dict[str, Any] = {}
    for node in ast.walk(call):
        if isinstance(node, ast.Name):
            found = lookup(node.id)
            if found is not None:
                if found != module.lookup(node.id):
                    names[node.id] = found
            elif node.id not in ("getattr", "__import__", "tuple", "len"):
                names[node.id] = UNKNOWN
    return names


def _accept(value: Any, position: int | None, name: str, module: ModuleTable) -> Resolution | None:
    if position is not None:
        items = items_of(value)
        value = items[position] if items is not None and position < len(items) else None
    match value:
        case Injected():
            return value.module if _used_as(name, value.module, module) else None
        case ApiModule() | ApiObject() | ProjectModule():
            return value
        case _:
            return None


def _used_as(name: str, promised: ApiModule, module: ModuleTable) -> bool:
    """Whether the module uses an attribute of `name` that the promised API module has.

    `config.get("layers")` may be a number of layers; `layers.Conv2D` settles it, and so does
    never reading the name.
    """
    if name not in module.used_names:
        return True
    return any(
        owner == name and module.project.api.canonical(f"{promised.path}.{attribute}") is not None
        for owner, attribute in module.attribute_uses
    )
