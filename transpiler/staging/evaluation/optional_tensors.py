"""Tests for None of the tensors that a function takes or not, in functions that build layers.

The constructor asks whether there is a size where the call asks whether there is a tensor; under
the test the variable is the one or the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import Boolean, Compare, Constant, Expression, Name, Unary, replace_node
from ..frame import Frame
from ..values import Known, Static, Tensor, Value


def test_in_constructor(frame: Frame, node: Compare, value: Value) -> Expression | None:
    """`skip_features is None` for `skip is None`."""
    if frame.kind != "split" or not isinstance(value, Tensor):
        return None
    last = value.shape.size(-1)
    if last is None or not last.is_variable or last.is_hidden:
        return None
    size = last.to_expression()
    return replace_node(node, left=size, span=None) if isinstance(size, Name) else None


def under_test(
    frame: Frame, environment: dict[str, Value], test: Expression, outcome: bool
) -> dict[str, Value]:
    """The variables where a test for None came out one way."""
    if frame.kind != "split":
        return environment
    return {**environment, **_told(environment, test, outcome)}


def _told(environment: Mapping[str, Value], test: Expression, outcome: bool) -> dict[str, Value]:
    match test:
        case Unary(operator="not", operand=operand):
            return _told(environment, operand, not outcome)
        case Boolean(operator=operator, operands=operands) if outcome == (operator == "and"):
            return {n: v for o in operands for n, v in _told(environment, o, outcome).items()}
        case Compare(
            left=Name(id=name),
            operators=(("is" | "is not") as operator,),
            comparators=(Constant(value=None),),
        ):
            value = environment.get(name)
            if not isinstance(value, Tensor) or not value.optional:
                return {}
            if outcome == (operator == "is"):
                return {name: Static(Known(None), type(None))}
            return {name: replace(value, optional=False)}
        case _:
            return {}
