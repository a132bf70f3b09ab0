"""Classes: Keras layers and models, and tf.Module, become `nnx.Module` classes.

`build` is folded into `__init__`; `call` becomes `__call__`; sizes that only the input tells become
constructor parameters. The training flag becomes the mode of the module.
"""
# pyright: basic

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Statement,
    Unary,
    replace_node,
    walk,
)
from ..shapes.shapes import UNKNOWN
from . import builders, functional_class, layer_state, lazy_state
from .class_inputs import as_asked, input_tensors, shape_argument, size_parameters
from .class_state import (
    CONFIGURATION_METHODS,
    ClassState,
    MethodRun,
    current_state,
    state_of,
)
from .expressions import constant_value, evaluate
from .finishing import live_statements, without_returns
from .frame import Frame, Result, join_all
from .functions import names_read, rebuilt_function, static_value
from .nodes import StaticRead
from .plans import Plan, SizeParameter
from .purity import is_pure
from .statements import run_body
from .values import (
    Known,
    Mapped,
    SelfReference,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    is_dynamic,
)

if TYPE_CHECKING:
    from .program import Program

# ----------------------------------------------------------------------------------------- the plan


def make_plan(program: Program, plan: Plan) -> None:
    node = plan.definition.node
    assert isinstance(node, ClassDef)
    state = ClassState(lazy_state.with_build(node))
    plan.details["class_state"] = state
    state.methods = {m.name: m for m in state.node.body if isinstance(m, FunctionDef)}
    state.parent = _parent_plan(program, plan, node)
    if state.parent is not None:
        parent = state_of(state.parent)
        state.attributes |= parent.attributes
        state.uses_mode = parent.uses_mode
        for name, method in parent.methods.items():
            state.methods.setdefault(name, method)
    if state.parent is not None:
        frame = new_frame(program, plan, "init", "self")
        builders.rebind(frame, state.attributes, state.methods)
    call = state.methods.get("call") or state.methods.get("__call__")
    first_inputs = _declare_call(program, plan, state, call)
    _run_init(program, plan, state)
    _run_build(program, plan, state, first_inputs)
    if call is not None and state.call is None:
        values = [_input_value(plan, state, p, call) for p in call.parameters[1:]]
        plan.result = run_method(program, plan, call, values)
        _result_by_default(program, plan, call, values)
    _close(program, plan, state)
    plan.finished = True


def _result_by_default(
    program: Program, plan: Plan, call: FunctionDef, values: list[Value]
) -> None:
    """What a call without optional flags gives: `return (x, extra) if return_extra else x`."""
    flags = {p.name: p.default for p in call.parameters[1:] if _is_static_default(p)}
    flags.pop("training", None)
    if not flags:
        return
    given: list[Value] = []
    for parameter, value in zip(call.parameters[1:], values, strict=True):
        default = flags.get(parameter.name)
        given.append(constant_value(default.value) if isinstance(default, Constant) else value)
    plan.details["flags"] = set(flags)
    plan.details["default_result"] = run_method(program, plan, call, given)


def _parent_plan(program: Program, plan: Plan, node: ClassDef) -> Plan | None:
    for base in node.bases:
        if isinstance(base.value, Reference):
            definition = program.definition(base.value.module, base.value.name)
            if definition is not None and isinstance(definition.node, ClassDef):
                found = program.plan(definition)
                if found.kind == "layer":
                    return found
    return None


def _declare_call(
    program: Program, plan: Plan, state: ClassState, call: FunctionDef | None
) -> list[Parameter]:
    """The parameters of `call` that carry tensors, in order."""
    if call is None:
        return []
    state.self_name = call.parameters[0].name if call.parameters else "self"
    for position, parameter in enumerate(call.parameters[1:]):
        if parameter.name == "training":
            plan.details["training_position"] = position
    for parameter in call.parameters[1:]:
        if parameter.name == "training" or parameter.kind in ("varargs", "kwargs"):
            continue
        if _is_static_default(parameter):
            continue
        plan.tensors.append(parameter)
    state.inputs = list(plan.tensors)
    return list(plan.tensors)


def _is_static_default(parameter: Parameter) -> bool:
    return isinstance(parameter.default, Constant) and parameter.default.value is not None


def _input_value(plan: Plan, state: ClassState, parameter: Parameter, call: FunctionDef) -> Value:
    if parameter.name == "training":
        return TrainingFlag()
    if parameter.kind == "kwargs":
        return Mapped({})
    if _is_static_default(parameter):
        return static_value(parameter)
    if parameter.default is not None:
        return Unknown()
    return input_tensors(plan, state, parameter, call)


# ------------------------------------------------------------------------------- __init__ and build


def new_frame(program: Program, plan: Plan, kind: str, self_name: str) -> Frame:
    frame = Frame(program, plan.definition.module, "init" if kind == "init" else "call", plan)
    frame.self_name = self_name
    frame.environment[self_name] = SelfReference()
    return frame


def _run_init(program: Program, plan: Plan, state: ClassState) -> None:
    own = next(
        (m for m in state.node.body if isinstance(m, FunctionDef) and m.name == "__init__"), None
    )
    node = own or (state.methods.get("__init__") if state.parent is not None else None)
    if own is None:
        if state.parent is not None and node is not None:
            plan.parameters = list(state.parent.parameters)
            plan.details["signature"] = state.parent.details.get("signature", list(plan.parameters))
            plan.sizes = list(state.parent.sizes)
            plan.needs_rngs = state.parent.needs_rngs
            state.inherits_init = True
        return
    if functional_class.is_functional(own):
        functional_class.run_init(program, plan, state, own)
        return
    frame = new_frame(program, plan, "init", own.parameters[0].name)
    for parameter in own.parameters[1:]:
        plan.parameters.append(parameter)
        frame.environment[parameter.name] = (
            Static(kind=dict) if parameter.kind == "kwargs" else static_value(parameter)
        )
    plan.details["all_parameters"] = list(plan.parameters)
    plan.details["signature"] = list(plan.parameters)
    state.init_names = {p.name for p in plan.parameters}
    state.parameters = state.init_names - _assigned_names(own)
    run_body(frame, own.body)
    state.init.extend(live_statements(frame.body, None))
    state.init_names |= set(frame.environment)


def _assigned_names(node: Node) -> set[str]:
    return {
        inner.id
        for statement in walk(node)
        for target in (*getattr(statement, "targets", ()), getattr(statement, "target", None))
        if target is not None
        for inner in walk(target)
        if isinstance(inner, Name)
    }


def _run_build(program: Program, plan: Plan, state: ClassState, inputs: list[Parameter]) -> None:
    build = next(
        (m for m in state.node.body if isinstance(m, FunctionDef) and m.name == "build"), None
    )
    call = state.methods.get("call") or state.methods.get("__call__")
    if build is None or len(build.parameters) < 2:
        return
    frame = new_frame(program, plan, "init", build.parameters[0].name)
    frame.environment |= {}
    value: Value = ShapeOf(UNKNOWN)
    if inputs and call is not None:
        value = shape_argument(input_tensors(plan, state, inputs[0], call))
    frame.environment[build.parameters[1].name] = value
    body = build.body[1:] if is_docstring(build.body[:1]) else build.body
    run_body(frame, body)
    kept = [s for s in without_returns(frame.body) if not _does_nothing(s)]
    state.init.extend(live_statements(kept, None))
    state.init_names |= set(frame.environment)


def _does_nothing(statement: Statement) -> bool:
    match statement:
        case Pass():
            return True
        case For(iterable=iterable, body=body, otherwise=()):
            return is_pure(iterable) and all(_does_nothing(s) for s in body)
        case _:
            return False


def is_docstring(body: tuple[Statement, ...]) -> bool:
    match body:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


# ------------------------------------------------------------------------------------------ methods


def run_method(
    program: Program,
    plan: Plan,
    method: FunctionDef,
    values: list[Value],
    *,
    keep: bool = True,
) -> Value:
    """Translates a method for arguments of these values; the first translation is the one that is
    kept. `keep` False: a method of a parent class, only evaluated."""
    state = state_of(plan)
    if id(method) in state.active:
        return Tensor()
    if not keep or method.name in state.translated:
        for run in state.runs.get(id(method), ()):
            if run.values == values and run.attributes == state.attributes:
                return run.result
    state.active.add(id(method))
    self_name = method.parameters[0].name if method.parameters else "self"
    frame = new_frame(program, plan, "call", self_name)
    frame.method = method
    frame.probing = not keep or method.name in state.translated
    for parameter, value in zip(method.parameters[1:], values, strict=False):
        frame.environment[parameter.name] = as_asked(method, parameter.name, value)
    for parameter in method.parameters[1 + len(values) :]:
        frame.environment[parameter.name] = (
            TrainingFlag()
            if parameter.name == "training"
            else static_value(parameter)
            if parameter.default
            else Tensor(optional=True, assumed=True)
        )
    run_body(frame, method.body)
    frame.body = live_statements(frame.body, None)
    state.active.discard(id(method))
    result = join_all(frame.returns) if frame.returns else Static(Known(None))
    run = MethodRun(method, values, dict(state.attributes), result)
    state.runs.setdefault(id(method), []).append(run)
    if keep and method.name not in state.translated:
        parameters = tuple(p for p in method.parameters if p.name != "training")
        new = rebuilt_function(program, frame, method, frame.body)
        if len(parameters) != len(method.parameters):
            new = replace_node(
                new, parameters=tuple(p for p in new.parameters if p.name != "training")
            )
        state.translated[method.name] = new
        state.results[method.name] = result
    return result


def self_method(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """`self.method(...)`: weights are made, losses noted; own methods are followed."""
    state = current_state(frame)
    if state is None or frame.plan is None:
        return None
    name = function.attribute
    if name == "add_weight" or name == "add_variable":
        return layer_state.add_weight(frame, node)
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
        plan = builders.method_plan(frame, method)
        if plan is not None:
            given = [(a, evaluate(frame, a.value)) for a in node.arguments]
            return builders.use(frame, plan, function, node, given)
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments if a.keyword != "training"]
    names = [p.name for p in method.parameters[1:]]
    values: dict[str, Value] = {}
    for index, (argument, result) in enumerate(arguments):
        target = argument.keyword or (names[index] if index < len(names) else None)
        if target is not None:
            values[target] = result.value
    kept = [
        (a, r)
        for i, (a, r) in enumerate(arguments)
        if (a.keyword or (names[i] if i < len(names) else "")) != "training"
    ]
    ordered: list[Value] = []
    for parameter in method.parameters[1:]:
        if parameter.name in values:
            ordered.append(values[parameter.name])
        elif parameter.name == "training":
            ordered.append(TrainingFlag())
        elif parameter.default is not None:
            ordered.append(static_value(parameter))
        else:
            ordered.append(Unknown())
    result = run_method(frame.program, frame.plan, method, ordered)
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


def super_call(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """`super().method(...)`: of a Keras base nothing is left; of a project class the call stays."""
    state = current_state(frame)
    if state is None or frame.plan is None:
        return None
    nothing = Result(Static(), Constant(None), Constant(None))
    if function.attribute == "__init__" and functional_class.close_graph(frame, node):
        return nothing
    while state.parent is not None and frame.method is not None:
        if any(m is frame.method for m in state.node.body):
            break
        # An inherited method: what it extends is above the class that defines it.
        state = state_of(state.parent)
    if state.parent is None:
        if hasattr(object, function.attribute) and function.attribute != "__init__":
            return None
        if function.attribute in ("call", "__call__") and node.arguments:
            message = "`super().call` of a Keras layer: a Flax module does not extend it"
            code = frame.program.unhandled(
                frame, node, "TJ5004", message, "hold the layer as an attribute", node.span
            )
            return Result(Tensor(), code, None)
        return nothing
    if function.attribute == "build":
        return nothing
    if function.attribute == "__init__":
        return _super_init(frame, node, function, state.parent)
    method = state_of(state.parent).methods.get(function.attribute)
    if method is None:
        return None
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    values: dict[str, Value] = {}
    for index, (argument, result) in enumerate(arguments):
        names = [p.name for p in method.parameters[1:]]
        name = argument.keyword or (names[index] if index < len(names) else "")
        values[name] = result.value
    kept = tuple(
        a if a.value is r.dynamic else replace_node(a, value=r.dynamic)
        for a, r in arguments
        if a.keyword != "training" and not isinstance(r.value, TrainingFlag)
    )
    given = [values.get(p.name, _absent(p)) for p in method.parameters[1:]]
    value = run_method(frame.program, frame.plan, method, given, keep=False)
    renamed = "__call__" if function.attribute == "call" else function.attribute
    called = (
        function if renamed == function.attribute else replace_node(function, attribute=renamed)
    )
    same = called is function and len(kept) == len(node.arguments)
    same = same and all(a is b for a, b in zip(kept, node.arguments, strict=True))
    size = value.shape.size(-1) if isinstance(value, Tensor) else None
    static = size.to_expression() if size is not None else None
    return Result(value, node if same else Call(called, kept, span=node.span), static)


def _absent(parameter: Parameter) -> Value:
    if parameter.name == "training":
        return TrainingFlag()
    return static_value(parameter) if parameter.default is not None else Unknown()


def _super_init(frame: Frame, node: Call, function: Attribute, parent: Plan) -> Result:
    """The parent's constructor: its sizes are ours, its dropped parameters are gone."""
    kept: list[Argument] = []
    names = {p.name for p in parent.parameters}
    has_kwargs = any(p.kind == "kwargs" for p in parent.parameters)
    for argument in node.arguments:
        if argument.star == "**" and not has_kwargs:
            continue
        if argument.keyword is not None and argument.keyword not in names and not has_kwargs:
            continue
        result = evaluate(frame, argument.value)
        kept.append(replace_node(argument, value=result.static or result.dynamic))
    sizes = tuple(Argument(Name(s.name)) for s in parent.sizes)
    rngs = (Argument(Name("rngs"), "rngs"),) if parent.needs_rngs else ()
    if parent.needs_rngs:
        frame.program.uses_rngs(frame)
    call = Call(function, (*sizes, *kept, *rngs))
    return Result(Static(), call, call)


# ------------------------------------------------------------------------------------------ closing


def _close(program: Program, plan: Plan, state: ClassState) -> None:
    """Everything has been seen: constructor calls are put in, sizes become parameters, unread
    parameters go."""
    frame = new_frame(program, plan, "init", state.self_name)
    for name, method in list(state.methods.items()):
        own = any(m is method for m in state.node.body)
        if (
            not own
            or name in state.builders
            or name in state.translated
            or name in ("__init__", "build")
            or name in CONFIGURATION_METHODS
        ):
            continue
        values: list[Value] = [
            TrainingFlag()
            if p.name == "training"
            else static_value(p)
            if p.default is not None
            else Tensor(optional=True, assumed=True)
            for p in method.parameters[1:]
        ]
        if any(
            isinstance(d, Name) and d.id in ("staticmethod", "classmethod", "property")
            for d in method.decorators
        ):
            values = [Static() for _ in method.parameters[1:]]
        run_method(program, plan, method, values)
    builders.finish_methods(program, frame, state)
    init = layer_state.filled(program, frame, plan, layer_state.with_chains(state.init))
    reads_back = {
        n.name for m in state.translated.values() for n in walk(m) if isinstance(n, StaticRead)
    }
    for name in sorted(reads_back):
        if name not in state.aliases:
            state.aliases[name] = name
            init.append(Assign((Attribute(Name("self"), name),), Name(name)))
    state.uses_mode = state.uses_mode or any(
        isinstance(n, Attribute) and n.attribute == "deterministic" and n.span is None
        for m in state.translated.values()
        for n in walk(m)
    )
    if state.uses_mode:
        plan.modes.add("deterministic")
    if state.uses_mode and (state.parent is None or not state_of(state.parent).uses_mode):
        init.append(Assign((Attribute(Name("self"), "deterministic"),), Constant(False)))
    reads = names_read(init)
    source_reads = {n.id for m in ("__init__", "build") for n in _names(state.methods.get(m))}
    kept: list[Parameter] = []
    for parameter in plan.parameters:
        unread = parameter.name not in reads and not state.inherits_init
        if unread and (parameter.kind == "kwargs" or parameter.name in source_reads):
            plan.dropped.add(parameter.name)
            continue
        kept.append(parameter)
    plan.parameters = kept
    plan.sizes = [
        *plan.sizes,
        *(s for s in _sizes(plan, state, reads) if all(s.name != o.name for o in plan.sizes)),
    ]
    asked = plan.details.get("asked", {})
    assert isinstance(asked, dict)
    for name in asked:  # pyright: ignore
        if name in reads and all(s.name != name for s in plan.sizes):
            plan.sizes.append(SizeParameter(str(name), "", -1))
    state.init = init


def _names(node: Node | None) -> list[Name]:
    return [n for n in walk(node) if isinstance(n, Name)] if node is not None else []


def _sizes(plan: Plan, state: ClassState, reads: set[str]) -> list[SizeParameter]:
    """Sizes that `__init__` reads and nothing in it defines."""
    defined = {
        t.id
        for s in state.init
        for n in walk(s)
        if isinstance(n, Assign)
        for t in n.targets
        if isinstance(t, Name)
    }
    source = {p.name for p in plan.parameters}
    call = state.methods.get("call") or state.methods.get("__call__")
    inputs: dict[str, Value] = {}
    if call is not None:
        inputs = {t.name: input_tensors(plan, state, t, call) for t in plan.tensors}
    return size_parameters(plan, inputs, reads, defined | source)


def mode_read(frame: Frame) -> Expression:
    """`training` as code: the module's mode."""
    return Unary("not", Attribute(Name(frame.self_name or "self"), "deterministic"))
