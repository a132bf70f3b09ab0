"""Classes that extend `keras.layers.Wrapper` are layers that keep the one they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Parameter,
    Statement,
    Symbol,
    replace_node,
)
from ..project import ModuleInput

WRAPPER = "keras.layers.Wrapper"
LAYER = "keras.Layer"
HELD = "layer"


def with_kept_layers(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """All modules; those without such a class are the same objects."""
    result = dict(modules)
    for name, module in modules.items():
        body = tuple(
            _converted(s) if isinstance(s, ClassDef) and _extends(s) else s
            for s in module.tree.body
        )
        if any(a is not b for a, b in zip(body, module.tree.body, strict=True)):
            result[name] = replace(module, tree=replace_node(module.tree, body=body))
    return result


def _extends(node: ClassDef) -> bool:
    return any(_is_wrapper(b.value) for b in node.bases)


def _is_wrapper(base: Expression) -> bool:
    return isinstance(base, Symbol) and base.path == WRAPPER


def _converted(node: ClassDef) -> ClassDef:
    bases = tuple(
        replace_node(b, value=Symbol(LAYER)) if _is_wrapper(b.value) else b for b in node.bases
    )
    body = list(node.body)
    found = [s for s in body if isinstance(s, FunctionDef) and s.name == "__init__"]
    if found:
        body[body.index(found[0])] = _init(found[0])
    else:
        first = next((i for i, s in enumerate(body) if isinstance(s, FunctionDef)), len(body))
        parent = Call(Attribute(Call(Name("super"), ()), "__init__"), ())
        made = (ExpressionStatement(parent), _kept("self", Name(HELD)))
        parameters = (Parameter("self"), Parameter(HELD))
        body.insert(first, FunctionDef("__init__", parameters, made))
    return replace_node(node, bases=bases, body=tuple(body))


def _init(init: FunctionDef) -> FunctionDef:
    """The constructor with what it passes to its parent kept."""
    own = init.parameters[0].name if init.parameters else "self"
    body: list[Statement] = []
    for statement in init.body:
        match statement:
            case ExpressionStatement(
                value=Call(
                    function=Attribute(value=Call(function=Name(id="super")), attribute="__init__"),
                    arguments=arguments,
                ) as call
            ):
                held = _held(arguments)
                rest = tuple(a for a in arguments if a is not held)
                body.append(replace_node(statement, value=replace_node(call, arguments=rest)))
                if held is not None:
                    body.append(_kept(own, held.value))
            case _:
                body.append(statement)
    return replace_node(init, body=tuple(body))


def _held(arguments: tuple[Argument, ...]) -> Argument | None:
    for index, argument in enumerate(arguments):
        if argument.keyword == HELD or (index == 0 and not argument.keyword and not argument.star):
            return argument
    return None


def _kept(own: str, layer: Expression) -> Assign:
    return Assign((Attribute(Name(own), HELD),), layer)
