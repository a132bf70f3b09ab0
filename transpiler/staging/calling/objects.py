"""Members of optimizers, metrics and dtypes: what the target's object has otherwise is up to the
rules."""
# pyright: basic

from __future__ import annotations

from ....ir.nodes import Attribute, Call, replace_node
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..rule_calls import member
from ..values import Static, Tensor, Value

DTYPE = "tf.DType"


def is_dtype_member(frame: Frame, node: Attribute) -> bool:
    """Whether this is `x.dtype.is_floating`: no other dtype has the members of `tf.DType`, but for
    `name`, which all have."""
    match node:
        case Attribute(value=Attribute(attribute="dtype"), attribute=name) if name != "name":
            return frame.program.rules.for_member(DTYPE, name) is not None
        case _:
            return False


def method(frame: Frame, node: Call, receiver: Result, owner: str, name: str) -> Result:
    """`metric.update_state(...)`, `optimizer.minimize(...)`."""
    arguments = tuple(
        replace_node(a, value=evaluate(frame, a.value).dynamic) for a in node.arguments
    )
    call = replace_node(
        node, function=Attribute(receiver.dynamic, name, span=node.span), arguments=arguments
    )
    code = member(frame, call, owner, name)
    return Result(_value(owner, name), code, None)


def attribute(frame: Frame, node: Attribute, inner: Result, owner: str) -> Result:
    """An attribute, or a method that is passed around."""
    read = node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
    code = member(frame, read, owner, node.attribute)
    return Result(Static(), code, code if inner.static is inner.dynamic else None)


def _value(owner: str, name: str) -> Value:
    """What a metric has counted is an array; nothing is known of the rest."""
    return Tensor() if owner == "keras.Metric" and name == "result" else Static()
