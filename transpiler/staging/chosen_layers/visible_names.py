"""What names stand for that code may look up: those of a module's top level, of an API module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....rules.api import Flavour
from ...frontend import ProjectTable
from ...frontend.resolution import ApiModule, ApiObject, ProjectDefinition, Resolution
from ..values import Api, Defined, Value

if TYPE_CHECKING:
    from ..program import Program


def visible_values(program: Program, module: str) -> dict[str, Value]:
    """API objects and definitions of the project that `module` can name, by name."""
    table = program.table
    if table is None or module not in table.modules:
        return {}
    found: dict[str, Value] = {}
    for name in dict.fromkeys(_names(program, table, module, set())):
        value = as_value(program, table.resolve(module, name))
        if value is not None:
            found[name] = value
    return found


def members(program: Program, path: str) -> dict[str, Value]:
    """The objects of an API module that rules know, by name."""
    prefix = f"{path}."
    names = [n for n in program.api.names(_flavour(program)) if n.startswith(prefix)]
    leaves = [n.removeprefix(prefix) for n in names]
    return {n: Api(prefix + n) for n in leaves if "." not in n and _has_rule(program, prefix + n)}


def _flavour(program: Program) -> Flavour:
    return "keras2" if program.is_keras2 else "keras3"


def _has_rule(program: Program, symbol: str) -> bool:
    return program.rules.for_symbol(symbol) is not None


def as_value(program: Program, found: Resolution | None) -> Value | None:
    match found:
        case ApiObject(path=path, known=True):
            return Api(path)
        case ProjectDefinition(module=module, name=name):
            definition = program.definition(module, name)
            return None if definition is None else Defined(definition)
        case _:
            return None


def api_module(program: Program, module: str, name: str) -> str | None:
    """The API module that `name` stands for in `module`."""
    if program.table is None or module not in program.table.modules:
        return None
    found = program.table.resolve(module, name)
    return found.path if isinstance(found, ApiModule) else None


def _names(program: Program, table: ProjectTable, module: str, seen: set[str]) -> Iterator[str]:
    """Names bound at the top level of a module, by star imports as well."""
    if module in seen or module not in table.modules:
        return
    seen.add(module)
    own = table.modules[module]
    yield from own.bindings.names
    for star in own.bindings.stars:
        source = own.absolute(star)
        if source in table.modules:
            for name in _names(program, table, source, seen):
                if table.star_member(source, name) is not None:
                    yield name
            continue
        canonical = program.api.canonical(source)
        if canonical is not None:
            yield from members(program, canonical)
