"""Inputs that are a tensor or a dict of tensors: `x = inputs[key] if isinstance(inputs, dict) else
inputs`.

The test stays. Under it the variable is a dict of tensors of the sizes that the tensor would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Assert,
    Call,
    Expression,
    If,
    Name,
    Node,
    Raise,
    Unary,
    walk,
)
from ..values import ANY_KEY, Mapped, Tensor, Value


def asks_dict(test: Expression) -> str | None:
    """The variable of `isinstance(variable, dict)`."""
    match test:
        case Call(
            function=Name(id="isinstance"),
            arguments=(Argument(value=Name(id=name)), Argument(value=Name(id="dict"))),
        ):
            return name
        case _:
            return None


def only_checked(method: Node, test: Call) -> bool:
    """Whether a method asks this only to raise."""
    for node in walk(method):
        match node:
            case (
                If(test=asked, then=(Raise(),), otherwise=()) | If(test=asked, otherwise=(Raise(),))
            ) if _holds(asked, test):
                return True
            case Assert(test=asked) if _holds(asked, test):
                return True
            case _:
                pass
    return False


def _holds(code: Expression, test: Call) -> bool:
    return any(node is test for node in walk(code))


def under_form(
    environment: Mapping[str, Value], test: Expression, outcome: bool
) -> dict[str, Value]:
    """The variables where the test of the source came out one way."""
    if isinstance(test, Unary) and test.operator == "not":
        return under_form(environment, test.operand, not outcome)
    name = asks_dict(test)
    value = environment.get(name) if name is not None else None
    if name is None or not isinstance(value, Tensor) or not value.assumed:
        return dict(environment)
    tensor = replace(value, assumed=False)
    return {**environment, name: Mapped({ANY_KEY: tensor}) if outcome else tensor}
