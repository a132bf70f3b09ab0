"""`add_loss`: each place keeps its last value in a variable of the module, an `nnx.Intermediate`.

Whoever trains the model adds them to its loss: `compat.losses(model)` lists them, as Keras'
`model.losses` does.
"""

from __future__ import annotations

from ....ir.nodes import Argument, Assign, Attribute, Call, Expression, Lambda, Name, Symbol, Tuple
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..values import Closure, Static, Tensor
from .class_state import ClassState, current_state

VARIABLE = "flax.nnx.Intermediate"
HELPER = "tf_compat.losses"


def add_loss(frame: Frame, node: Call) -> Result | None:
    """None: the loss is a function or is added outside of `call`."""
    state = current_state(frame)
    if state is None or frame.kind != "call" or len(node.arguments) != 1:
        return None
    value = evaluate(frame, node.arguments[0].value)
    if isinstance(value.value, Closure) or isinstance(node.arguments[0].value, Lambda):
        return None
    attribute = _variable(frame, state, node)
    variable = Attribute(Name(frame.self_name or "self"), attribute)
    code = Call(Attribute(variable, "set_value"), (Argument(value.dynamic),), span=node.span)
    frame.program.translated(frame, node.span, "add_loss")
    return Result(Tensor(), code, None)


def _variable(frame: Frame, state: ClassState, node: Expression) -> str:
    """The attribute that keeps this loss; made in the constructor."""
    found = state.losses.get(id(node))
    if found is not None:
        return found
    taken = {*state.attributes, *state.methods, *state.losses.values()}
    name, index = "loss", 1
    while name in taken:
        name, index = f"loss_{index}", index + 1
    if not frame.is_trial():
        state.losses[id(node)] = name
        zero = Call(Symbol("jax.numpy.zeros"), (Argument(Tuple(())),))
        made = Call(Symbol(VARIABLE), (Argument(zero),))
        state.init.append(Assign((Attribute(Name(state.self_name), name),), made))
    return name


def collected(frame: Frame, owner: Expression) -> Result:
    """`self.losses`."""
    code = Call(Symbol(HELPER), (Argument(owner),))
    return Result(Tensor() if frame.kind == "call" else Static(), code, None)
