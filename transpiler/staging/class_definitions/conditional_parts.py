"""Attributes that a constructor makes in branches only, and the questions whether they are there.

    if width != depth:                       if hasattr(self, "project"):
        self.project = Dense(width)              x = self.project(x)

The call asks when it runs; the constructor knows the answer by the test of the branch.
"""

from __future__ import annotations

from ....ir.keys import same
from ....ir.nodes import Call, Compare, Constant, Expression, Name, Node, Unary, walk
from ..frame import Frame
from ..values import UNKNOWN_TEST
from .class_state import ClassState, current_state


def note(frame: Frame, state: ClassState, name: str) -> None:
    """The constructor makes attribute `name` here."""
    if not frame.conditions:
        state.conditional.pop(name, None)
    elif name not in state.attributes:
        state.conditional[name] = _test(frame, state)


def _test(frame: Frame, state: ClassState) -> Expression | None:
    """The test that this point stands under, if it says the same all through the constructor."""
    if len(frame.tests) != 1 or frame.conditions != 1:
        return None
    names = {n.id for n in walk(frame.tests[0]) if isinstance(n, Name)}
    return frame.tests[0] if names <= state.parameters else None


def excluded(frame: Frame, state: ClassState, name: str) -> Expression:
    """The test under which an attribute was made before, where this point stands in its `else`."""
    test = state.conditional.get(name)
    match frame.tests:
        case [Unary(operator="not", operand=other)] if test is not None and same(test, other):
            return test
        case _:
            return UNKNOWN_TEST


def is_conditional(frame: Frame, name: object) -> bool:
    state = current_state(frame)
    return state is not None and frame.kind == "call" and name in state.conditional


def test_in_constructor(frame: Frame, node: Node) -> Expression | None:
    """`hasattr(self, "x")` and `getattr(self, "x", None) is not None` in the constructor."""
    state = current_state(frame)
    if state is None:
        return None
    match node:
        case Call(function=Name(id="hasattr")):
            return state.conditional.get(_name(node))
        case Compare(left=Call(function=Name(id="getattr")) as left, operators=(operator,)):
            test = state.conditional.get(_name(left))
            if test is None or operator == "is not":
                return test
            return Unary("not", test)
        case _:
            return None


def _name(node: Call) -> str:
    match node.arguments[1].value if len(node.arguments) > 1 else None:
        case Constant(value=str() as name):
            return name
        case _:
            return ""
