"""Functions and lambdas inside functions: called, passed on, returned."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Assign,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Pass,
    Statement,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ..evaluation.expressions import composite, evaluate
from ..frame import Frame, Result
from ..nodes import StaticRead
from ..plans import Definition
from ..values import Closure, Tensor, Unknown, Value, is_dynamic
from .definitions import call_definition


def call_closure(frame: Frame, node: Call, closure: Closure, callee: Result) -> Result:
    """A local function: lifted to a module class if it builds layers, else called as it is."""
    definition = closure.definition
    if isinstance(definition, Lambda):
        return _call_lambda(frame, node, closure)
    if not frame.program.creates(definition):
        result = composite(frame, node, None)
        value = _followed(frame, node, definition)
        return result if value is None else Result(value, result.dynamic, None)
    lifted = frame.program.lift(frame, definition, closure.environment)
    return call_definition(frame, _with_captured(node, lifted), lifted, callee)


def _followed(frame: Frame, node: Call, definition: FunctionDef) -> Value | None:
    """What a local function of a method gives for the arguments of a call, if that holds tensors.
    Layers that it is handed meet their inputs there."""
    values = _arguments(frame, node, definition) if frame.kind == "call" else None
    if values is None or _is_followed(frame, definition):
        return None
    from ..control_flow.statements import run_body
    from ..evaluation.flags import returned

    trial = frame.trial()
    trial.following = definition
    trial.settles = frame.settles or not frame.is_trial()
    trial.environment |= values
    run_body(trial, definition.body)
    value = returned(trial)
    return value if value is not None and is_dynamic(value) else None


def _arguments(frame: Frame, node: Call, definition: FunctionDef) -> dict[str, Value] | None:
    """The values of the parameters in a call; None where they are not told one by one."""
    parameters = definition.parameters
    if any(p.kind in ("varargs", "kwargs") for p in parameters) or any(
        a.star for a in node.arguments
    ):
        return None
    values: dict[str, Value] = {}
    for index, argument in enumerate(node.arguments):
        if argument.keyword is None and index >= len(parameters):
            return None
        name = argument.keyword or parameters[index].name
        values[name] = evaluate(frame, argument.value).value
    for parameter in parameters:
        if parameter.name not in values and parameter.default is not None:
            values[parameter.name] = evaluate(frame, parameter.default).value
    return values if values.keys() == {p.name for p in parameters} else None


def _is_followed(frame: Frame, definition: FunctionDef) -> bool:
    """Whether the function is being followed already: it calls itself."""
    current: Frame | None = frame
    while current is not None and current.following is not definition:
        current = current.parent
    return current is not None


def closure_code(frame: Frame, closure: Closure) -> Expression:
    """A local function that builds layers, passed on: its class, with what it captures filled
    in."""
    definition = closure.definition
    assert isinstance(definition, FunctionDef)
    lifted = frame.program.lift(frame, definition, closure.environment)
    plan = frame.program.plan(lifted)
    plan.escapes = True
    names = [n for n in lifted.captured if n not in plan.dropped]
    if not names:
        return Name(plan.name)
    captured = tuple(Argument(Name(n), n) for n in names)
    return Call(Symbol("functools.partial"), (Argument(Name(plan.name)), *captured))


def _with_captured(node: Call, lifted: Definition) -> Call:
    extra = tuple(Argument(Name(n), n) for n in lifted.captured)
    return replace_node(node, arguments=(*node.arguments, *extra))


def _call_lambda(frame: Frame, node: Call, closure: Closure) -> Result:
    """A lambda that is called where it is visible: its body with the arguments put in."""
    definition = closure.definition
    assert isinstance(definition, Lambda)
    result = composite(frame, node, None)
    arguments = [evaluate(frame, a.value) for a in node.arguments]
    saved, memo = dict(frame.environment), frame.memo
    frame.memo = {}
    for parameter, argument in zip(definition.parameters, arguments, strict=False):
        frame.environment[parameter.name] = argument.value
    value = evaluate(frame, definition.body).value
    frame.environment, frame.memo = saved, memo
    if is_dynamic(value) and frame.kind == "split" and frame.program.creates(definition):
        message = "this lambda builds layers at each call, and has no place to keep them"
        hint = "define a function, and call that"
        code = frame.program.unhandled(frame, node, "TJ5002", message, hint, node.span)
        return Result(value, code, None)
    if is_dynamic(value):
        return Result(value, result.dynamic, None)
    return result


def inline_factory(frame: Frame, closure: Closure) -> bool:
    """`return inner` of a function that makes a layer function: both become one class."""
    from ..control_flow.statements import run_body
    from ..function_definitions.parameters import declare_parameters

    inner = closure.definition
    if not isinstance(inner, FunctionDef) or not frame.program.creates(inner):
        return False
    plan = frame.plan
    assert plan is not None
    if not frame.probing:
        declare_parameters(frame.program, frame, plan, inner)
        plan.kind = "factory"
    frame.terminated = False
    depth, frame.depth = frame.depth, 0
    body = inner.body[1:] if _has_docstring(inner) else inner.body
    run_body(frame, body)
    frame.depth = depth
    frame.terminated = True
    return True


def _has_docstring(node: FunctionDef) -> bool:
    from ....ir.nodes import ExpressionStatement

    match node.body[:1]:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


def translate_local(frame: Frame, statement: FunctionDef) -> Statement:
    """A local function without layers, translated in place; variables of the enclosing `__init__`
    are read back."""
    from ..control_flow.statements import run_body
    from ..values_at_rest import translate_decorators

    inner = Frame(
        frame.program, frame.module, "plain", frame.plan, dict(frame.environment), parent=frame
    )
    inner.self_name = frame.self_name
    local = {p.name for p in statement.parameters}
    for parameter in statement.parameters:
        if statement.span is None and parameter.name in frame.environment:
            continue  # made by a pass, which passes the variable of that name
        is_one = parameter.kind not in ("varargs", "kwargs")
        inner.environment[parameter.name] = (
            Tensor(optional=True, assumed=True) if is_one else Unknown()
        )
    run_body(inner, statement.body)
    body = tuple(inner.body) or (Pass(),)
    decorators = translate_decorators(frame.program, inner, statement.decorators)
    same = len(body) == len(statement.body) and all(
        a is b for a, b in zip(body, statement.body, strict=True)
    )
    new: Statement = statement
    if not same or decorators is not statement.decorators:
        new = replace_node(statement, body=body, decorators=decorators)
    if frame.kind != "split":
        return new
    local |= {
        t.id
        for s in walk(statement)
        if isinstance(s, Assign)
        for t in s.targets
        if isinstance(t, Name)
    }
    outer = {n for n in frame.environment if n not in local}

    def visit(node: Node) -> Node:
        if (
            isinstance(node, Name)
            and node.id in outer
            and not is_dynamic(frame.environment[node.id])
        ):
            return StaticRead(node.id, span=node.span, clock=frame.clock)
        return map_children(node, visit)

    result = visit(new)
    assert isinstance(result, Statement)
    return result
