"""Methods of shapes, by their rules: in JAX shapes are tuples."""

from __future__ import annotations

from ....ir.nodes import Argument, Attribute, Call, Constant, Expression, Name, replace_node
from ..evaluation.expressions import composite, constant_value, evaluate
from ..frame import Frame, Result
from ..rule_calls import member
from ..values import ShapeOf, Static


def shape_method(frame: Frame, node: Call, receiver: Result, shape: ShapeOf, method: str) -> Result:
    """A method of a shape, by its rule: in JAX shapes are tuples."""
    if method == "as_list":
        dynamic = Call(Name("list"), (Argument(receiver.dynamic),))
        return Result(shape, dynamic, receiver.static)
    if frame.program.rules.for_member("tf.TensorShape", method) is None:
        return composite(frame, node, Static())
    arguments = tuple(
        replace_node(a, value=evaluate(frame, a.value).dynamic) for a in node.arguments
    )

    def on(subject: Expression) -> Expression:
        call = Call(Attribute(subject, method), arguments, span=node.span)
        return member(frame, call, "tf.TensorShape", method)

    code = on(receiver.dynamic)
    if code is receiver.dynamic or code == receiver.dynamic:
        return Result(shape, code, receiver.static)
    if isinstance(code, Constant):
        return Result(constant_value(code.value), code, code)
    static = None if receiver.static is None else on(receiver.static)
    return Result(Static(kind=int if method == "num_elements" else None), code, static)
