"""Registries: dicts that decorators, or assignments of the module, fill with classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Reference,
    Statement,
    Subscript,
    walk,
)
from ..values import Defined, Mapped, Value

if TYPE_CHECKING:
    from ..program import Program


def registered(program: Program, module: str, name: str) -> Mapped:
    """What a dict that begins empty holds once all modules are imported."""
    entries: dict[object, Value] = {}
    decorators = {
        (owner, d.name): (d.node, index)
        for owner in program.modules
        for d in program.definitions(owner)
        if isinstance(d.node, FunctionDef)
        for index in _stores(d.node, module, name)
    }
    for owner, given in program.modules.items():
        for statement in given.tree.body:
            match statement:
                case ClassDef(decorators=found) | FunctionDef(decorators=found):
                    for decorator in found:
                        key = _key(decorator, statement, decorators)
                        definition = program.definition(owner, statement.name)
                        if key is not None and definition is not None:
                            entries[key] = Defined(definition)
                case Assign(
                    targets=(Subscript(value=value, index=Constant(value=str() as key)),),
                    value=Reference(module=home, name=defined),
                ) if _is_registry(value, module, name):
                    definition = program.definition(home, defined)
                    if definition is not None:
                        entries[key] = Defined(definition)
                case _:
                    pass
    return Mapped(entries)


def _stores(node: FunctionDef, module: str, name: str) -> Iterator[Expression]:
    """`REGISTRY[index] = cls` in a function: the index."""
    for inner in walk(node):
        match inner:
            case Assign(targets=(Subscript(value=value, index=index),), value=Name()):
                if _is_registry(value, module, name):
                    yield index
            case _:
                pass


def _is_registry(code: Expression, module: str, name: str) -> bool:
    return isinstance(code, Reference) and (code.module, code.name) == (module, name)


def _key(
    decorator: Expression,
    statement: Statement,
    decorators: dict[tuple[str, str], tuple[FunctionDef, Expression]],
) -> object:
    """The key under which a decorator registers what it decorates; None if it does not say."""
    called = decorator.function if isinstance(decorator, Call) else decorator
    if not isinstance(called, Reference) or (called.module, called.name) not in decorators:
        return None
    function, index = decorators[called.module, called.name]
    arguments = decorator.arguments if isinstance(decorator, Call) else ()
    match index:
        case Attribute(value=Name(), attribute="__name__"):
            return getattr(statement, "name", None)
        case Name(id=wanted):
            names = [p.name for p in function.parameters]
            for position, argument in enumerate(arguments):
                given = argument.keyword or (names[position] if position < len(names) else None)
                if given == wanted and isinstance(argument.value, Constant):
                    return argument.value.value
            return None
        case _:
            return None
