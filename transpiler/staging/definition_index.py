"""The definitions and variables at the top of modules, by module and name; what classes extend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...ir.names import bound_names, target_names
from ...ir.nodes import (
    Assign,
    AugmentedAssign,
    Body,
    ClassDef,
    Expression,
    For,
    FunctionDef,
    If,
    Name,
    Reference,
    Symbol,
    Try,
    Tuple,
    While,
    With,
)
from .plans import Definition

Key = tuple[str, str]


def index_body(
    module: str,
    body: Body,
    definitions: dict[Key, Definition],
    constants: dict[Key, Expression | None],
) -> None:
    """Adds what a body binds; a variable that is assigned again has no one value."""
    for statement in body:
        match statement:
            case FunctionDef(name=name) | ClassDef(name=name):
                definitions[module, name] = Definition(module, name, statement)
            case Assign(targets=(target,), value=value):
                for name, part in _named_parts(target, value):
                    again = (module, name) in constants
                    constants[module, name] = None if again else part
            case If(then=then, otherwise=otherwise):
                index_body(module, then, definitions, constants)
                index_body(module, otherwise, definitions, constants)
            case With(body=inner) | Try(body=inner):
                index_body(module, inner, definitions, constants)
            case AugmentedAssign() | For() | While():
                constants.update(dict.fromkeys((module, n) for n in bound_names([statement])))
            case _:
                pass


def _named_parts(target: Expression, value: Expression) -> Iterator[tuple[str, Expression | None]]:
    """The variables of an assignment, and their values where the code says them one by one."""
    match target, value:
        case ((Name(id=name) | Reference(name=name)), _):
            yield name, value
        case Tuple(elements=targets), Tuple(elements=values) if len(targets) == len(values):
            for one, part in zip(targets, values, strict=True):
                yield from _named_parts(one, part)
        case _:
            yield from dict.fromkeys(target_names(target)).items()


def extends(
    definitions: Mapping[Key, Definition],
    node: ClassDef,
    module: str,
    wanted: Callable[[str], bool],
) -> bool:
    """Whether the bases of a class lead to an API class that is `wanted`."""
    for base in node.bases:
        match base.value:
            case Symbol(path=path):
                if wanted(path):
                    return True
            case Reference(module=owner, name=name):
                found = definitions.get((owner, name))
                if (
                    found is not None
                    and isinstance(found.node, ClassDef)
                    and found.node is not node
                ) and extends(definitions, found.node, owner, wanted):
                    return True
            case _:
                pass
    return False
