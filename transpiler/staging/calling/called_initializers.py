"""Initializers that are called: `init(shape, dtype)` becomes `init(rngs.params(), shape, dtype)`.

In JAX an initializer draws from a key that it is given. Those that draw nothing (zeros, a constant)
take the key as well.
"""

from __future__ import annotations

from ....ir.nodes import Argument, Attribute, Call, Constant, Expression, Name
from ..frame import Frame, Result
from ..values import INITIALIZER, Static, Tensor, Value

PARAMETERS = ("shape", "dtype")


def is_initializer(value: Value) -> bool:
    return isinstance(value, Static) and value.kind is INITIALIZER


def call_initializer(frame: Frame, node: Call, callee: Result) -> Result:
    """The tensor that an initializer makes; its sizes are the elements of the shape."""
    from ..evaluation.expressions import evaluate
    from .graph_calls import declared_shape

    given: dict[str, Result] = {}
    for position, argument in enumerate(node.arguments):
        name = argument.keyword or (PARAMETERS[position] if position < len(PARAMETERS) else "")
        if argument.star or name not in PARAMETERS or name in given:
            code = frame.program.unhandled(
                frame, node, "TJ2003", f"an initializer takes no `{name}` here",
                "pass shape and dtype", node.span,
            )  # fmt: skip
            return Result(Tensor(), code, None)
        given[name] = evaluate(frame, argument.value)
    key = Call(Attribute(Name("rngs"), "params"), ())
    frame.program.uses_rngs(frame)
    arguments: list[Argument] = [Argument(key)]
    if "shape" not in given:
        code = frame.program.unhandled(
            frame, node, "TJ2006", "an initializer needs a shape", "pass the shape", node.span
        )
        return Result(Tensor(), code, None)
    shape = given["shape"]
    arguments.append(Argument(shape.dynamic))
    dtype = given.get("dtype")
    default = dtype is None or _is_none(dtype.dynamic)
    if dtype is not None and not default:
        arguments.append(Argument(dtype.dynamic))
    code = Call(callee.dynamic, tuple(arguments), span=node.span)
    frame.program.translated(frame, node.span, "called-initializer")
    sizes = declared_shape(shape.value, shape.static, batch=False)
    return Result(Tensor(sizes, "float32" if default else None), code, None)


def _is_none(code: Expression) -> bool:
    return isinstance(code, Constant) and code.value is None
