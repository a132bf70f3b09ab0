"""What a function gives that code hands over instead of calling it: that of a `Lambda` layer.

Its body is evaluated once more, for the values that it is called with there. This leaves no traces.
"""

from __future__ import annotations

from collections.abc import Sequence as Many

from ....ir.nodes import Argument, Call, Expression, FunctionDef, Name, replace_node
from ..frame import Frame, Result
from ..joined_values import join_all
from ..values import Api, Closure, Defined, Static, Tensor, Value


def result_of(frame: Frame, code: Expression, values: Many[Value]) -> Value | None:
    """What the function that `code` stands for makes of these values; None where it is not known,
    or builds layers."""
    from ..calling.calls import call_value

    function = frame.program.facts.value(code)
    match function:
        case Closure(definition=FunctionDef() as definition):
            if frame.program.creates(definition):
                return None
            return local_result(frame, function, values)
        case Closure() | Api():
            pass
        case Defined(definition=definition) if frame.program.plan(definition).kind == "plain":
            pass
        case _:
            return None
    trial = frame.trial()
    names = [f"argument:{i}" for i, _ in enumerate(values)]
    trial.environment |= dict(zip(names, values, strict=True))
    call = Call(code, tuple(Argument(Name(name)) for name in names), span=code.span)
    return call_value(trial, call, Result(function, code, code)).value


def local_result(frame: Frame, closure: Closure, values: Many[Value]) -> Value | None:
    """What a local function gives for these values of its first parameters."""
    from ..control_flow.statements import run_body

    definition = closure.definition
    if not isinstance(definition, FunctionDef):
        return None
    inner = Frame(
        frame.program,
        frame.module,
        "plain",
        frame.plan,
        dict(closure.environment),
        probing=True,
        parent=frame,
        self_name=frame.self_name,
    )
    for index, parameter in enumerate(definition.parameters):
        if parameter.kind in ("varargs", "kwargs"):
            return None
        given = values[index] if index < len(values) else Static()
        inner.environment[parameter.name] = given
    run_body(inner, definition.body)
    return join_all(inner.returns) if inner.returns else None


def lambda_result(frame: Frame, function: Expression | None, inputs: Many[Result]) -> Value | None:
    """What a `Lambda` layer gives, if that is a tensor of known shape."""
    if function is None:
        return None
    value = result_of(frame, function, [r.value for r in inputs])
    return value if isinstance(value, Tensor) else None


def with_lambda_mask(
    frame: Frame, function: Expression | None, mask: Expression | None, code: Expression
) -> Expression:
    """The call of a `Lambda` layer's function; one that takes `mask` gets the mask of the input."""
    if function is None or mask is None or not isinstance(code, Call):
        return code
    match frame.program.facts.value(function):
        case Closure(definition=definition):
            parameters = definition.parameters
        case Defined(definition=definition) if isinstance(definition.node, FunctionDef):
            parameters = definition.node.parameters
        case _:
            return code
    if not any(p.name == "mask" for p in parameters):
        return code
    return replace_node(code, arguments=(*code.arguments, Argument(mask, "mask")))
