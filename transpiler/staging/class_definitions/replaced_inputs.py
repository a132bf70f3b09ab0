"""Inputs that another one stands in for where a call leaves them out.

    def call(self, inputs, context=None):
        if context is None:
            context = inputs

The size of `context` is one that callers tell: that of `inputs` where they do not pass one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ....ir.dims import Dim
from ....ir.nodes import Assign, Compare, Constant, FunctionDef, If, Name, Statement, walk
from ...shapes.shapes import Shape
from ..frame import Result
from ..plans import Plan
from ..values import Known, Static, Tensor, Value


def replacements(call: FunctionDef) -> dict[str, str]:
    """The inputs that are None by default, each with the one that then takes its place."""
    names = {p.name for p in call.parameters[1:]}
    optional = {p.name for p in call.parameters if _is_none(p.default)}
    found: dict[str, str] = {}
    for statement in call.body:
        pair = _replaced(statement)
        if pair is not None and pair[0] in optional and pair[1] in names - optional:
            found[pair[0]] = pair[1]
        else:
            names -= {n.id for n in _assigned(statement)}
            optional &= names
    return found


def replaced_input(name: str) -> Tensor:
    """What is known of such an input: its sizes have names of their own."""
    size, base = Dim.named(f"{name}_features"), Name(f"{name}_shape")
    return Tensor(Shape(None, size, base), optional=True)


def after_replacement(
    statement: If, before: Mapping[str, Value], after: dict[str, Value]
) -> dict[str, Value]:
    """The variables after an `if`: the sizes of a replaced input are its own in either case."""
    pair = _replaced(statement)
    if pair is None:
        return after
    name = pair[0]
    match before.get(name):
        case Tensor(shape=shape, optional=True) if shape.last == Dim.named(f"{name}_features"):
            return {**after, name: Tensor(shape)}
        case _:
            return after


def with_replacements(plan: Plan, inputs: dict[str, Result]) -> dict[str, Result]:
    """The inputs that a call has once those that it leaves out are replaced."""
    replaced = cast("Mapping[str, str]", plan.details.get("replaced_inputs", {}))
    missing = {n: o for n, o in replaced.items() if o in inputs and is_left_out(inputs.get(n))}
    return {**inputs, **{name: inputs[other] for name, other in missing.items()}}


def is_left_out(given: Result | None) -> bool:
    """Whether a call passes no tensor for an input."""
    match given:
        case None | Result(value=Static(constant=Known(None))):
            return True
        case _:
            return False


def _replaced(statement: Statement) -> tuple[str, str] | None:
    """`if a is None: a = b`."""
    match statement:
        case If(
            test=Compare(
                left=Name(id=name), operators=("is",), comparators=(Constant(value=None),)
            ),
            then=(Assign(targets=(Name(id=target),), value=Name(id=other)),),
            otherwise=(),
        ) if target == name:
            return name, other
        case _:
            return None


def _is_none(default: object) -> bool:
    return isinstance(default, Constant) and default.value is None


def _assigned(statement: Statement) -> list[Name]:
    """The variables that a statement gives values."""
    return [
        name
        for node in walk(statement)
        for target in (*getattr(node, "targets", ()), getattr(node, "target", None))
        if target is not None
        for name in walk(target)
        if isinstance(name, Name)
    ]
