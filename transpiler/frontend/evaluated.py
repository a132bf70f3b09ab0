"""The values of the tiny evaluator, and what can be done with them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from .bindings import target_names
from .resolution import (
    ApiModule,
    ApiObject,
    External,
    ProjectDefinition,
    ProjectModule,
)

if TYPE_CHECKING:
    from .project import ModuleTable

RESOLUTION = (ApiModule, ApiObject, External, ProjectDefinition, ProjectModule)

LENGTH = 1000

# What code asks its keyword arguments for, by the key it uses.
INJECTED = {
    "backend": "keras.backend",
    "layers": "keras.layers",
    "models": "keras.models",
    "utils": "keras.utils",
    "keras_utils": "keras.utils",
    "keras": "keras",
}


class Unknown(Enum):
    UNKNOWN = "a value that only running the program tells"


UNKNOWN = Unknown.UNKNOWN


class Injected:
    """A module that the caller passes by keyword; `module` is the one its name promises."""

    __slots__ = ("module",)

    def __init__(self, key: str) -> None:
        self.module = ApiModule(INJECTED[key])


@dataclass(frozen=True, slots=True)
class Table:
    """A dict with strings for keys."""

    items: tuple[tuple[str, Any], ...]

    @staticmethod
    def of(keys: Sequence[Any], values: Sequence[Any]) -> Any:
        """The table of these keys and values; unknown where a key is no known string."""
        if not all(isinstance(key, str) for key in keys):
            return UNKNOWN
        return Table(tuple(dict(zip(keys, values, strict=True)).items()))

    def get(self, key: str, otherwise: Any = None) -> Any:
        return dict(self.items).get(key, otherwise)


def is_table(value: ast.expr | None) -> bool:
    """Whether an expression is a display of a dict, or a call of `dict` with names."""
    match value:
        case ast.Dict():
            return True
        case ast.Call(func=ast.Name(id="dict"), args=[]):
            return True
        case _:
            return False


def opaque(value: Any) -> bool:
    """Whether the truth of a value is not known."""
    return value is UNKNOWN or isinstance(value, Injected | External | ProjectDefinition)


def items_of(value: Any) -> tuple[Any, ...] | None:
    """The elements of a tuple, None for other values."""
    return cast("tuple[Any, ...]", value) if isinstance(value, tuple) else None


def unpack(target: ast.expr, value: Any) -> dict[str, Any]:
    """The names that assigning `value` to `target` binds."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    items = items_of(value)
    if items is not None and isinstance(target, ast.Tuple | ast.List):
        found: dict[str, Any] = {}
        if len(target.elts) == len(items):
            for element, item in zip(target.elts, items, strict=True):
                found.update(unpack(element, item))
            return found
    return dict.fromkeys(target_names(target), UNKNOWN)


def member_of(owner: Any, attribute: Any, module: ModuleTable) -> Any:
    """`owner.attribute` where `owner` is a module or API object."""
    if isinstance(owner, Injected):
        owner = owner.module
    if not isinstance(owner, RESOLUTION) or not isinstance(attribute, str):
        return UNKNOWN
    found = module.project.member(owner, attribute)
    return UNKNOWN if found is None else found


def has_member(owner: Any, attribute: Any, module: ModuleTable) -> Any:
    """`hasattr(owner, attribute)` where `owner` is a module of the API."""
    if not isinstance(owner, ApiModule) or not isinstance(attribute, str):
        return UNKNOWN
    return module.project.api.canonical(f"{owner.path}.{attribute}") is not None


def item_of(owner: Any, index: Any) -> Any:
    """`owner[index]` for tuples and tables, and for unknown dictionaries of modules."""
    if isinstance(owner, Table) and isinstance(index, str):
        return owner.get(index, UNKNOWN)
    if owner is UNKNOWN and isinstance(index, str) and index in INJECTED:
        return Injected(index)
    items = items_of(owner)
    if items is not None and isinstance(index, int) and -len(items) <= index < len(items):
        return items[index]
    return UNKNOWN


def binary(sign: ast.operator, left: Any, right: Any) -> Any:
    """`+` and `%` of strings."""
    if isinstance(sign, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return (left + right)[:LENGTH]
    if isinstance(sign, ast.Mod) and isinstance(left, str):
        values = items_of(right) or (right,)
        plain = all(isinstance(value, str | int) for value in values)
        # Only plain "%s" and "%d": widths could ask for any amount of memory.
        if plain and re.fullmatch(r"(?:[^%]|%[sd])*", left) and left.count("%") == len(values):
            try:
                return (left % values)[:LENGTH]
            except TypeError:
                return UNKNOWN
    return UNKNOWN


_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def compare(comparison: ast.cmpop, left: Any, right: Any) -> Any:
    """A comparison of constants, or of anything known with None."""
    if isinstance(comparison, ast.Is | ast.IsNot):
        if right is not None or left is UNKNOWN or isinstance(left, Injected):
            return UNKNOWN
        return (left is None) == isinstance(comparison, ast.Is)
    if isinstance(right, Table) and isinstance(left, str):
        right = tuple(key for key, _ in right.items)
    if not _is_constant(left) or not _is_constant(right):
        return UNKNOWN
    try:
        return _COMPARISONS[type(comparison)](left, right)
    except TypeError:
        return UNKNOWN


def _is_constant(value: Any) -> bool:
    items = items_of(value)
    if items is not None:
        return all(_is_constant(item) for item in items)
    return value is None or isinstance(value, str | int | float)


def method(owner: Any, name: str, positional: list[Any], keywords: dict[str, Any]) -> Any:
    """`owner.name(...)` for strings, tables and unknown dictionaries."""
    if isinstance(owner, Table) and name == "get" and positional:
        return owner.get(*positional[:2]) if isinstance(positional[0], str) else UNKNOWN
    if owner is UNKNOWN and name in ("get", "pop") and positional:
        key = positional[0]
        return Injected(key) if isinstance(key, str) and key in INJECTED else UNKNOWN
    if isinstance(owner, str) and name == "format":
        values = [*positional, *keywords.values()]
        simple = all(isinstance(value, str | int) for value in values)
        # Only plain "{}", "{0}" and "{name}": widths could ask for any amount of memory.
        if simple and re.fullmatch(r"(?:[^{}]|\{\w*\})*", owner):
            try:
                return owner.format(*positional, **keywords)[:LENGTH]
            except (KeyError, IndexError, ValueError):
                return UNKNOWN
    if isinstance(owner, str) and name in ("lower", "upper", "strip") and not positional:
        return getattr(owner, name)()
    return UNKNOWN


def known_call(dotted: str, positional: list[Any], module: ModuleTable) -> Any:
    """Functions of other packages that give modules, by the last part of their name."""
    match dotted.rpartition(".")[2]:
        case "import_module" | "__import__" if positional and isinstance(positional[0], str):
            name = positional[0]
            level = len(name) - len(name.lstrip("."))
            return module.project.imported(module.absolute_from(name[level:], level), None)
        case "LazyLoader" if len(positional) == 3 and isinstance(positional[2], str):
            return module.project.imported(positional[2], None)
        case "VersionAwareLayers":
            return ApiModule("keras.layers")
        case "get_submodules_from_kwargs":  # of keras_applications
            return tuple(Injected(key) for key in ("backend", "layers", "models", "utils"))
        case _:
            return UNKNOWN
