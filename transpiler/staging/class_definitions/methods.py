"""Methods of classes: each is translated once; calls of it are evaluated for what they pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Parameter,
    replace_node,
)
from ..control_flow.statements import run_body
from ..evaluation.expressions import constant_value, evaluate
from ..evaluation.flags import at_call, returned
from ..frame import Frame, Result
from ..function_definitions import builder_methods, builders
from ..function_definitions.parameters import static_value
from ..function_definitions.plain_functions import rebuilt_function
from ..joined_values import join_values
from ..plans import Plan
from ..slices.live_code import live_statements
from ..values import (
    Known,
    SelfReference,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    Weight,
    is_dynamic,
)
from . import layer_state, losses, own_metrics
from .class_inputs import as_asked
from .class_state import (
    CONFIGURATION_METHODS,
    MethodRun,
    current_state,
    is_static,
    method_key,
    own_parameters,
    state_of,
)

if TYPE_CHECKING:
    from ..program import Program


def new_frame(program: Program, plan: Plan, kind: str, self_name: str) -> Frame:
    frame = Frame(program, plan.definition.module, "init" if kind == "init" else "call", plan)
    frame.self_name = self_name
    frame.environment[self_name] = SelfReference()
    return frame


def run_method(
    program: Program,
    plan: Plan,
    method: FunctionDef,
    values: list[Value],
    *,
    keep: bool = True,
    settles: bool = True,
) -> Value:
    """What a call of a method gives for arguments of these values. The first call has the method
    translated, too; where others pass other values, `restage` translates it for all of them.

    `keep` False: a method of a parent class, only evaluated; `settles` False: the call stands in a
    loop body that is tried out.
    """
    state = state_of(plan)
    if id(method) in state.active:
        return Tensor()
    if not keep:
        return _result(program, plan, method, values, settles)
    if method_key(method) in state.translated:
        passed = state.passed_values.get(method_key(method), values)
        state.passed_values[method_key(method)] = [
            join_values(a, b) for a, b in zip(passed, values, strict=True)
        ]
        return _result(program, plan, method, values, settles)
    hoisted = len(state.init)
    result = _translate(program, plan, method, values)
    if len(state.init) == hoisted:
        # Layers that a method makes are made once.
        key = method_key(method)
        state.kept_values[key] = state.passed_values[key] = values
    if any(_is_constant(v) for v in values):
        # Branches that these values do not take are in the code, but not in the result.
        return _result(program, plan, method, values, settles)
    state.runs.setdefault(id(method), []).append(
        MethodRun(method, values, dict(state.attributes), result)
    )
    return result


def _is_constant(value: Value) -> bool:
    return isinstance(value, Static) and value.constant is not None


def _result(
    program: Program, plan: Plan, method: FunctionDef, values: list[Value], settles: bool
) -> Value:
    """The result of a method that is translated already. The same again need not be evaluated."""
    state = state_of(plan)
    for run in state.runs.get(id(method), ()):
        if run.values == values and run.attributes == state.attributes:
            return run.result
    frame = method_frame(program, plan, method, values)
    frame.probing, frame.settles = True, settles
    result = _run(frame, method)
    run = MethodRun(method, values, dict(state.attributes), result)
    state.runs.setdefault(id(method), []).append(run)
    return result


def _run(frame: Frame, method: FunctionDef) -> Value:
    state = current_state(frame)
    assert state is not None
    state.active.add(id(method))
    run_body(frame, method.body)
    frame.body = live_statements(frame.body, None)
    state.active.discard(id(method))
    return returned(frame) or Static(Known(None))


def method_frame(program: Program, plan: Plan, method: FunctionDef, values: list[Value]) -> Frame:
    """A frame with the parameters of a method."""
    bound = bool(method.parameters) and not is_static(method)
    self_name = method.parameters[0].name if bound else "self"
    frame = new_frame(program, plan, "call", self_name)
    frame.method = method
    for parameter, value in zip(own_parameters(method), values, strict=False):
        frame.environment[parameter.name] = as_asked(method, parameter.name, value)
    for parameter in own_parameters(method)[len(values) :]:
        frame.environment[parameter.name] = unseen(parameter)
    return frame


def unseen(parameter: Parameter) -> Value:
    """A parameter of a method that nobody has been seen to call."""
    if parameter.name == "training":
        return TrainingFlag()
    if parameter.kind in ("varargs", "kwargs"):
        return Unknown()
    if parameter.default is not None:
        return static_value(parameter)
    return Tensor(optional=True, assumed=True)


def _translate(program: Program, plan: Plan, method: FunctionDef, values: list[Value]) -> Value:
    """Translates a method for arguments of these values, and keeps that. A default that nobody
    replaces stays a default."""
    state = state_of(plan)
    own = own_parameters(method)
    values = [_unless_default(p, v) for p, v in zip(own, values, strict=False)]
    frame = method_frame(program, plan, method, values)
    result = _run(frame, method)
    parameters = tuple(p for p in method.parameters if p.name != "training")
    new = rebuilt_function(program, frame, method, frame.body)
    if len(parameters) != len(method.parameters):
        new = replace_node(new, parameters=tuple(p for p in new.parameters if p.name != "training"))
    state.translated[method_key(method)] = new
    state.results[method_key(method)] = result
    return result


def _unless_default(parameter: Parameter, value: Value) -> Value:
    match parameter.default:
        case Constant(value=default) if value == constant_value(default):
            return static_value(parameter)
        case _:
            return value


def restage(program: Program, plan: Plan) -> None:
    """Translates anew the methods that calls pass other values than they were translated for: what
    is particular to one call must not be in the code of all."""
    state = state_of(plan)
    # A method translated anew may pass more to the next.
    for _ in state.methods:
        stale = [n for n, v in state.kept_values.items() if state.passed_values[n] != v]
        if not stale:
            return
        for name in stale:
            method, values = state.methods[name], state.passed_values[name]
            state.kept_values[name] = values
            program.forget(plan.definition.module, method.span)
            _translate(program, plan, method, values)


def self_method(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """`self.method(...)`: weights are made, losses noted; own methods are followed."""
    state = current_state(frame)
    if state is None or frame.plan is None:
        return None
    name = function.attribute
    if name == "add_weight" or name == "add_variable":
        if own_metrics.family_base(frame.program, frame.plan) is not None:
            return own_metrics.add_weight(frame, node)
        return layer_state.add_weight(frame, node)
    if name == "add_loss" and (added := losses.add_loss(frame, node)) is not None:
        return added
    if name in ("add_loss", "add_metric", "add_update"):
        frame.program.note(
            frame,
            "TJ5011",
            f"`{name}` has no counterpart in a module and was dropped",
            node.span,
            "return the value and add it to the loss where the model is trained",
        )
        frame.program.translated(
            frame, node.span, name, "dropped", "collected by Keras, explicit in JAX"
        )
        return Result(Static(), Constant(None), Constant(None))
    if name in ("build", "summary", "_set_save_spec"):
        return Result(Static(), Constant(None), Constant(None))
    if name in state.attributes:
        return None
    if name == "call":
        name = "call" if "call" in state.methods else "__call__"
    method = state.methods.get(name)
    if method is None:
        return None
    if frame.kind == "init" and name not in CONFIGURATION_METHODS:
        plan = builder_methods.method_plan(frame, method)
        if plan is not None:
            given = [(a, evaluate(frame, a.value)) for a in node.arguments]
            _settle_weights(frame, method, given)
            return builders.use(frame, plan, function, node, given)
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments if a.keyword != "training"]
    names = [p.name for p in own_parameters(method)]
    values: dict[str, Value] = {}
    targets = [target_name(a, i, names) for i, (a, _) in enumerate(arguments)]
    for target, (_, result) in zip(targets, arguments, strict=True):
        if target:
            values[target] = result.value
    kept = [pair for target, pair in zip(targets, arguments, strict=True) if target != "training"]
    ordered: list[Value] = []
    for parameter in own_parameters(method):
        ordered.append(values.get(parameter.name, absent(parameter)))
    settles = frame.settles or not frame.is_trial()
    result = run_method(frame.program, frame.plan, method, ordered, settles=settles)
    result = at_call(result, method, kept, 0 if is_static(method) else 1)
    new_function: Expression = function
    if name in ("call",):
        new_function = function.value
    call_arguments = tuple(
        a if a.value is r.dynamic else replace_node(a, value=r.dynamic) for a, r in kept
    )
    unchanged = (
        new_function is node.function
        and len(call_arguments) == len(node.arguments)
        and all(a is b for a, b in zip(call_arguments, node.arguments, strict=True))
    )
    dynamic = node if unchanged else Call(new_function, call_arguments, span=node.span)
    static = dynamic if not is_dynamic(result) else None
    return Result(result, dynamic, static)


def target_name(argument: Argument, index: int, names: list[str]) -> str:
    """The parameter that an argument is for; "" where it says nothing of one."""
    if argument.star:
        return ""
    return argument.keyword or (names[index] if index < len(names) else "")


def _settle_weights(
    frame: Frame, method: FunctionDef, given: list[tuple[Argument, Result]]
) -> None:
    """The shapes of the weights that a method makes, in terms of its call."""
    state = current_state(frame)
    if (
        state is None
        or frame.plan is None
        or not given
        or not builder_methods.makes_weights(method)
    ):
        return
    before = dict(state.attributes)
    inner = new_frame(frame.program, frame.plan, "init", method.parameters[0].name)
    inner.probing = inner.settles = True
    own = own_parameters(method)
    passed = {
        a.keyword or p.name: r.value for (a, r), p in zip(given, own, strict=False) if not a.star
    }
    for parameter in own:
        inner.environment[parameter.name] = passed.get(parameter.name, absent(parameter))
    run_body(inner, method.body)
    after = state.attributes
    for name, value in after.items():
        if not isinstance(value, Weight) and name in before:
            after[name] = before[name]


def absent(parameter: Parameter) -> Value:
    if parameter.name == "training":
        return TrainingFlag()
    if isinstance(parameter.default, Constant):
        return constant_value(parameter.default.value)
    return static_value(parameter) if parameter.default is not None else Unknown()
