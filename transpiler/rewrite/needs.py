"""Sizes that a constructor is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...ir.nodes import (
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    OpCall,
    Starred,
    Subscript,
    Tuple,
    Unary,
    walk,
)
from ...rules.language.functions import dim_name
from ...rules.language.records import Parameter, function_name, variable_name
from .application import Application


@dataclass(frozen=True, slots=True)
class SizeNeed:
    """`name` is the key that `construct_layer` expects in `sizes`: "D", "rank(x)", "dim(x, 3)".

    A "dim" is the size of axis `axis` of input number `input` (negative: counted from the end); a
    "rank" is its number of axes, and may be left out when it is not known.
    """

    name: str
    input: int
    kind: Literal["dim", "rank"] = "dim"
    axis: int | None = None


def find_needs(application: Application) -> tuple[SizeNeed, ...]:
    """The sizes that the constructor templates of the layer can use, without repetition."""
    found: dict[str, SizeNeed] = {}
    for e in _templates(application):
        for need in _in_template(application, e):
            found.setdefault(need.name, need)
    return tuple(found.values())


def _templates(application: Application) -> Iterator[Expression]:
    """Constructors that may be chosen, their guards, and the requirements."""
    rule = application.rule
    for choice in rule.to:
        if choice.guard is None:
            yield choice.body
            break
        yield choice.guard
        holds = application.known(choice.guard)
        if holds is None or holds.value:
            yield choice.body
        if holds is not None and holds.value:
            break
    for requirement in rule.requirements:
        yield requirement.test


def _in_template(application: Application, e: Expression) -> Iterator[SizeNeed]:
    rule = application.rule
    inputs = {p.name: number for number, p in enumerate(rule.inputs)}
    for node in walk(e):
        name = variable_name(node) if isinstance(node, Name) else None
        if name is not None:
            for number, parameter in enumerate(rule.inputs):
                axis = axis_of(parameter, name)
                if axis is not None:
                    yield SizeNeed(name, number, axis=axis)
        if not isinstance(node, Call):
            continue
        function = function_name(node.function)
        arguments = [a.value for a in node.arguments]
        if function == "construct":
            yield from _nested(application, arguments[0])
        tensor = next((v for a in arguments if (v := variable_name(a)) in inputs), None)
        if tensor is None:
            continue
        number = inputs[tensor]
        if function in ("rank", "positive_axis"):
            yield SizeNeed(f"rank({tensor})", number, "rank")
        elif function == "dim":
            index = application.known(arguments[1])
            axis = index.value if index and isinstance(index.value, int) else None
            yield SizeNeed(dim_name(application, arguments), number, axis=axis)


def _nested(application: Application, e: Expression) -> Iterator[SizeNeed]:
    from .layers import layer_needs

    source = application.source(e)
    if isinstance(source, OpCall):
        needs = layer_needs(source, application.rules, application.facts)
        if isinstance(needs, tuple):
            yield from needs


def axis_of(parameter: Parameter, name: str) -> int | None:
    """Where size `name` stands in the pattern of an input: `D` of `(*B, D)` is -1. Of a list, in
    that of its first tensor."""
    shape = (parameter.type.element or parameter.type).shape
    if not isinstance(shape, Tuple):
        return None
    after_star = False
    for position, element in enumerate(shape.elements):
        if isinstance(element, Starred):
            after_star = True
        elif variable_name(element) == name:
            return position - len(shape.elements) if after_star else position
    return None


def pattern_size(parameter: Parameter, value: Expression) -> dict[str, Expression]:
    """The sizes of an input as expressions over it: `D` is `x.shape[-1]`."""
    shape = parameter.type.shape
    if not isinstance(shape, Tuple):
        return {}
    sizes: dict[str, Expression] = {}
    for element in shape.elements:
        name = variable_name(element)
        axis = None if name is None else axis_of(parameter, name)
        if name is not None and axis is not None:
            index = Constant(axis) if axis >= 0 else Unary("-", Constant(-axis))
            sizes.setdefault(name, Subscript(Attribute(value, "shape"), index))
    return sizes
