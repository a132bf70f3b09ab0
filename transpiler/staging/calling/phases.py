"""The learning phase of Keras: in `call` it is the mode of the module."""

from __future__ import annotations

from ....ir.nodes import (
    Attribute,
    Call,
    Conditional,
    Constant,
    Expression,
    Lambda,
    Name,
    OpCall,
    Symbol,
    replace_node,
)
from ..class_definitions.class_state import current_state
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..values import Closure, Static, TrainingFlag

PHASE = "keras.backend.learning_phase"
CHOICES = {
    "keras.backend.in_train_phase": ("x", "alt"),
    "keras.backend.in_test_phase": ("alt", "x"),
}


def by_phase(frame: Frame, node: OpCall) -> Result | None:
    """None: the call does not ask for the phase."""
    if node.symbol == PHASE:
        return _phase(frame, node)
    if node.symbol in CHOICES and {"x", "alt"} <= node.bound.keys():
        return _choice(frame, node)
    return None


def _phase(frame: Frame, node: OpCall) -> Result:
    from ..class_definitions.class_state import mode_read

    state = current_state(frame)
    if frame.kind == "call" and state is not None:
        state.uses_mode = True
        frame.program.translated(frame, node.span, node.symbol)
        return Result(TrainingFlag(), mode_read(frame), None)
    message = f"`{PHASE}`: each NNX module has a mode of its own"
    hint = "pass training as an argument"
    code = frame.program.unhandled(frame, node, "TJ2010", message, hint, node.span)
    return Result(Static(kind=bool), code, code)


def _choice(frame: Frame, node: OpCall) -> Result:
    """`in_train_phase(x, alt)`: the one or the other, called if it is a function."""
    then, otherwise = (_called(frame, node.bound[name]) for name in CHOICES[node.symbol])
    test = node.bound.get("training")
    if test is None or (isinstance(test, Constant) and test.value is None):
        test = OpCall(PHASE, {}, (), Symbol(PHASE), span=node.span)
    frame.program.translated(frame, node.span, node.symbol)
    return evaluate(frame, Conditional(test, then, otherwise, span=node.span))


def _called(frame: Frame, code: Expression) -> Expression:
    is_function = isinstance(code, Lambda) or isinstance(evaluate(frame, code).value, Closure)
    return Call(code, ()) if is_function else code


def without_flag(frame: Frame, node: Call) -> Call:
    """`self.layer(x, training=training)`, of a layer that was passed in: it has a mode."""
    match node.function:
        case Attribute(value=Name(id=owner)) if owner == frame.self_name and frame.kind == "call":
            kept = tuple(a for a in node.arguments if not _is_flag(frame, a.keyword, a.value))
            return node if len(kept) == len(node.arguments) else replace_node(node, arguments=kept)
        case _:
            return node


def _is_flag(frame: Frame, keyword: str | None, code: Expression) -> bool:
    if keyword != "training" or not isinstance(code, Name):
        return False
    return isinstance(frame.environment.get(code.id), TrainingFlag)
