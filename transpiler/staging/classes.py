"""Classes: Keras layers and models, and tf.Module, become `nnx.Module` classes.

`build` is folded into `__init__`; `call` becomes `__call__`; sizes that only the input tells become
constructor parameters. The training flag becomes the mode of the module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...ir.dims import Dim
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Pass,
    Reference,
    Statement,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
    replace_node,
    walk,
)
from . import layer_state, lazy_state
from .expressions import evaluate
from .finishing import live_statements
from .frame import Frame, Result, join_all
from .functions import MODULE_BASE, RNGS, names_read, rebuilt_function, static_value
from .nodes import StaticRead
from .plans import Plan, SizeParameter
from .shapes import UNKNOWN, Shape
from .sites import Site
from .statements import run_body
from .values import (
    Choice,
    Instance,
    Known,
    Mapped,
    SelfReference,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    Weight,
    is_dynamic,
)

if TYPE_CHECKING:
    from .program import Program

# What Keras needs to know about a layer and Flax does not.
BOOKKEEPING = frozenset(
    [
        "built",
        "supports_masking",
        "_supports_masking",
        "input_spec",
        "_input_spec",
        "autocast",
        "_autocast",
        "stateful",
        "_name",
        "_dtype",
    ]
)
CONFIGURATION_METHODS = frozenset(
    [
        "get_config",
        "from_config",
        "compute_output_shape",
        "compute_output_signature",
        "compute_mask",
        "get_build_config",
        "build_from_config",
        "save_own_variables",
        "load_own_variables",
    ]
)
KERAS_CLASSES = frozenset({"keras.Layer", "keras.Model", "keras.Sequential", "tf.Module"})


@dataclass(slots=True, eq=False)
class ClassState:
    """A class while it is translated: its attributes, and the methods that are done."""

    node: ClassDef
    self_name: str = "self"
    attributes: dict[str, Value] = field(default_factory=dict[str, Value])
    aliases: dict[str, str] = field(
        default_factory=dict[str, str]
    )  # constructor variable -> attribute that holds it
    methods: dict[str, FunctionDef] = field(default_factory=dict[str, FunctionDef])
    translated: dict[str, FunctionDef] = field(default_factory=dict[str, FunctionDef])
    results: dict[str, Value] = field(default_factory=dict[str, Value])
    active: set[str] = field(default_factory=set[str])
    init: list[Statement] = field(default_factory=list[Statement])
    init_names: set[str] = field(default_factory=set[str])
    uses_mode: bool = False
    parent: Plan | None = None
    inputs: list[Parameter] = field(default_factory=list[Parameter])


def state_of(plan: Plan) -> ClassState:
    state = plan.details["class_state"]
    assert isinstance(state, ClassState)
    return state


def current_state(frame: Frame) -> ClassState | None:
    if frame.plan is None:
        return None
    state = frame.plan.details.get("class_state")
    return state if isinstance(state, ClassState) else None


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
    call = state.methods.get("call") or state.methods.get("__call__")
    first_inputs = _declare_call(program, plan, state, call)
    _run_init(program, plan, state)
    _run_build(program, plan, state, first_inputs)
    if call is not None:
        values = [_input_value(plan, state, p, call) for p in call.parameters[1:]]
        plan.result = run_method(program, plan, call, values)
    _close(program, plan, state)
    plan.finished = True


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


def _required(plan: Plan) -> list[Parameter]:
    return [t for t in plan.tensors if t.default is None]


def input_size_name(plan: Plan, tensor: str) -> str:
    """`in_features` when there is one required input."""
    required = _required(plan)
    if len(required) == 1 and required[0].name == tensor:
        return "in_features"
    return f"{tensor}_features"


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


def input_tensors(plan: Plan, state: ClassState, parameter: Parameter, call: FunctionDef) -> Value:
    """A tensor, or the list, tuple or dict of tensors that the body takes apart."""
    names = _unpacked(call, parameter.name)
    if names is not None:
        items = tuple(Tensor(Shape(None, Dim.named(f"{name}_features"))) for name in names)
        return Sequence("tuple", items)
    keys = _dict_keys(call, parameter.name)
    if keys:
        return Mapped({key: Tensor(Shape(None, Dim.named(f"{key}_features"))) for key in keys})
    count = _list_of_shapes(state)
    if count:
        items = tuple(
            Tensor(Shape(None, Dim.named(f"{parameter.name}_{i}_features"))) for i in range(count)
        )
        return Sequence("list", items)
    single = input_size_name(plan, parameter.name) == "in_features"
    base = Name("in_shape" if single else f"{parameter.name}_shape")
    return Tensor(Shape(None, Dim.named(input_size_name(plan, parameter.name)), base))


def _unpacked(call: FunctionDef, name: str) -> list[str] | None:
    for node in walk(call):
        match node:
            case Assign(targets=(Tuple(elements=elements),), value=Name(id=found)) if found == name:
                if all(isinstance(e, Name) for e in elements):
                    return [e.id for e in elements if isinstance(e, Name)]
            case _:
                pass
    return None


def _dict_keys(call: FunctionDef, name: str) -> list[str]:
    keys: list[str] = []
    for node in walk(call):
        match node:
            case Subscript(value=Name(id=found), index=Constant(value=str() as key)) if (
                found == name
            ):
                keys.append(key)
            case _:
                pass
    return list(dict.fromkeys(keys))


def _list_of_shapes(state: ClassState) -> int:
    """How many inputs `build` tells apart: `input_shape[0][-1]`, `input_shape[1][-1]`."""
    build = state.methods.get("build")
    if build is None or len(build.parameters) < 2:
        return 0
    name, most = build.parameters[1].name, 0
    for node in walk(build):
        match node:
            case Subscript(
                value=Subscript(value=Name(id=found), index=Constant(value=int() as i))
            ) if found == name:
                most = max(most, i + 1)
            case _:
                pass
    return most


# ------------------------------------------------------------------------------- __init__ and build


def _new_frame(program: Program, plan: Plan, kind: str, self_name: str) -> Frame:
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
        return
    frame = _new_frame(program, plan, "init", own.parameters[0].name)
    for parameter in own.parameters[1:]:
        plan.parameters.append(parameter)
        frame.environment[parameter.name] = (
            Static(kind=dict) if parameter.kind == "kwargs" else static_value(parameter)
        )
    plan.details["all_parameters"] = list(plan.parameters)
    plan.details["signature"] = list(plan.parameters)
    state.init_names = {p.name for p in plan.parameters}
    run_body(frame, own.body)
    state.init.extend(frame.body)
    state.init_names |= set(frame.environment)


def _run_build(program: Program, plan: Plan, state: ClassState, inputs: list[Parameter]) -> None:
    build = next(
        (m for m in state.node.body if isinstance(m, FunctionDef) and m.name == "build"), None
    )
    call = state.methods.get("call") or state.methods.get("__call__")
    if build is None or len(build.parameters) < 2:
        return
    frame = _new_frame(program, plan, "init", build.parameters[0].name)
    frame.environment |= {}
    value: Value = ShapeOf(UNKNOWN)
    if inputs and call is not None:
        given = input_tensors(plan, state, inputs[0], call)
        value = _shape_argument(given)
    frame.environment[build.parameters[1].name] = value
    body = build.body[1:] if _is_docstring(build.body[:1]) else build.body
    run_body(frame, body)
    state.init.extend(frame.body)
    state.init_names |= set(frame.environment)


def _shape_argument(value: Value) -> Value:
    match value:
        case Tensor(shape=shape):
            return ShapeOf(shape)
        case Sequence(kind=kind, items=items) if items is not None:
            return Sequence(kind, tuple(_shape_argument(v) for v in items))
        case Mapped(entries=entries):
            return Mapped({k: _shape_argument(v) for k, v in entries.items()})
        case _:
            return ShapeOf(UNKNOWN)


def _is_docstring(body: tuple[Statement, ...]) -> bool:
    match body:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


# ------------------------------------------------------------------------------------------ methods


def run_method(program: Program, plan: Plan, method: FunctionDef, values: list[Value]) -> Value:
    """Translates a method for arguments of these values; the first translation is the one that is
    kept."""
    state = state_of(plan)
    if method.name in state.active:
        return Tensor()
    state.active.add(method.name)
    self_name = method.parameters[0].name if method.parameters else "self"
    frame = _new_frame(program, plan, "call", self_name)
    frame.probing = method.name in state.translated
    for parameter, value in zip(method.parameters[1:], values, strict=False):
        frame.environment[parameter.name] = value
    for parameter in method.parameters[1 + len(values) :]:
        frame.environment[parameter.name] = (
            TrainingFlag()
            if parameter.name == "training"
            else static_value(parameter)
            if parameter.default
            else Tensor()
        )
    run_body(frame, method.body)
    frame.body = live_statements(frame.body, None)
    state.active.discard(method.name)
    result = join_all(frame.returns) if frame.returns else Static(Known(None))
    if method.name not in state.translated:
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
    if state is None:
        return None
    nothing = Result(Static(), Constant(None), Constant(None))
    if state.parent is None:
        if function.attribute == "call" and node.arguments:
            return None
        return nothing
    if function.attribute == "build":
        return nothing
    if function.attribute == "__init__":
        return _super_init(frame, node, function, state.parent)
    if function.attribute == "call":
        first = evaluate(frame, node.arguments[0].value) if node.arguments else None
        arguments = tuple(
            replace_node(a, value=evaluate(frame, a.value).dynamic)
            for a in node.arguments
            if a.keyword != "training"
        )
        code = Call(Attribute(function.value, "__call__"), arguments)
        _ = first
        return Result(Tensor(), code, None)
    return None


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


# --------------------------------------------------------------------------------------- attributes


def self_attribute(frame: Frame, node: Attribute, inner: Result) -> Result:
    state = current_state(frame)
    if state is None:
        return Result(Static(), node, node)
    name = node.attribute
    value = state.attributes.get(name)
    match value:
        case None:
            return _inherited(frame, state, node)
        case Weight():
            code = Subscript(node, Constant(...))
            size = value.shape.size(-1)
            return Result(value, code, size.to_expression() if size is not None else None)
        case Static():
            if value.code is not None and frame.kind == "call":
                return Result(value, node, node)
            return Result(value, node, node)
        case _:
            return Result(value, node, node)


def _inherited(frame: Frame, state: ClassState, node: Attribute) -> Result:
    """Attributes that Keras gives every layer."""
    match node.attribute:
        case "compute_dtype" | "dtype" | "variable_dtype" | "_compute_dtype":
            code = Symbol("jax.numpy.float32")
            return Result(Static(kind=None), code, code)
        case "name" | "_name":
            code = Constant(state.node.name)
            return Result(Static(Known(state.node.name), str), code, code)
        case "built":
            return Result(Static(Known(True), bool), Constant(True), Constant(True))
        case "trainable":
            return Result(Static(Known(True), bool), Constant(True), Constant(True))
        case _:
            return Result(Unknown() if node.attribute in state.methods else Static(), node, node)


def instance_attribute(frame: Frame, node: Attribute, inner: Result, site: Site) -> Result:
    from .sites import PlanTarget

    if isinstance(site.target, PlanTarget):
        state = site.target.plan.details.get("class_state")
        if isinstance(state, ClassState) and node.attribute in state.attributes:
            value = state.attributes[node.attribute]
            dynamic = (
                node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
            )
            if isinstance(value, Weight):
                return Result(Weight(UNKNOWN), Subscript(dynamic, Constant(...)), None)
            return Result(Static() if isinstance(value, Static) else value, dynamic, dynamic)
    dynamic = node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
    if node.attribute in ("weights", "kernel", "bias", "embeddings", "trainable_weights"):
        return layer_state.weight_of_layer(frame, node, dynamic, site)
    return Result(Static(), dynamic, dynamic)


def assign_attribute(
    frame: Frame, statement: Statement, target: Attribute, owner: Result, result: Result
) -> bool:
    """`self.name = value`."""
    state = current_state(frame)
    if not isinstance(owner.value, SelfReference) or state is None:
        return False
    name = target.attribute
    if name in BOOKKEEPING:
        frame.program.translated(
            frame, statement.span, "bookkeeping", "dropped", "Keras bookkeeping"
        )
        return True
    value = result.value
    code = result.dynamic
    match value:
        case Instance(site=site):
            site.stored = True
            site.attribute = name
            site.details["direct"] = not frame.conditions
        case Sequence() if _holds_modules(value):
            code = _as_module_list(code)
        case Tensor() | Static() if frame.kind == "init" and _makes_variable(statement):
            value = Weight(value.shape, value.dtype) if isinstance(value, Tensor) else Weight()
        case Tensor() if frame.kind == "init":
            value = Static()
        case Static(constant=constant, kind=kind, size=size):
            if isinstance(code, Name):
                state.aliases.setdefault(code.id, name)
            if size is not None and size.constant is None and not isinstance(code, Name):
                size = Dim.variable(Attribute(Name(state.self_name), name))
            if constant is not None and constant.value is None:
                constant = None
                code = (
                    Call(Symbol("flax.nnx.data"), (Argument(code),))
                    if _set_later(state, name)
                    else code
                )
            value = Static(constant if name not in state.attributes else None, kind, size)
        case _:
            pass
    before = state.attributes.get(name)
    if before is not None and frame.conditions and before != value:
        value = _either(before, value)
    state.attributes[name] = value
    if frame.kind == "call" and isinstance(value, Instance) and value.site.details.get("in_call"):
        # A layer that the first call builds is built by the constructor.
        if not frame.is_trial():
            state.init.append(replace_node(statement, value=code))
        return True
    if getattr(statement, "value", None) is code:
        frame.emit(statement)
    else:
        frame.emit(replace_node(statement, value=code))
    return True


def _makes_variable(statement: Statement) -> bool:
    match statement:
        case Assign(value=OpCall(symbol="tf.Variable")):
            return True
        case _:
            return False


def append_to_attribute(frame: Frame, target: Attribute, before: Sequence, added: Value) -> None:
    """`self.layers.append(layer)` in the constructor: one item each, or one that stands for all
    that a loop appends."""
    state = current_state(frame)
    owner = target.value
    if state is None or frame.kind != "init" or frame.is_trial() or not isinstance(added, Instance):
        return
    if not isinstance(owner, Name) or owner.id != frame.self_name or before.kind != "list":
        return
    if before.items is not None and frame.loop_depth_is_static():
        new = Sequence("list", (*before.items, added))
    elif before.items == ():
        new = Sequence("list", None, added)
    else:
        new = Sequence(
            "list",
            None,
            join_all([*(before.items or ()), *([before.item] if before.item else []), added]),
        )
    state.attributes[target.attribute] = new


def _either(before: Value, value: Value) -> Value:
    from .frame import join_values

    if isinstance(before, Static) and isinstance(value, (Instance, Weight)):
        return value
    if isinstance(before, (Instance, Weight)) and isinstance(value, Static):
        return before
    return join_values(before, value)


def _set_later(state: ClassState, name: str) -> bool:
    """Whether `build` or another branch puts a variable there."""
    count = 0
    for method in ("__init__", "build"):
        node = state.methods.get(method)
        for inner in walk(node) if node is not None else ():
            match inner:
                case Assign(targets=targets) if any(
                    isinstance(t, Attribute) and t.attribute == name for t in targets
                ):
                    count += 1
                case _:
                    pass
    return count > 1


def augment_attribute(
    frame: Frame, statement: AugmentedAssign, owner: Result, value: Result
) -> bool:
    return False


def _holds_modules(value: Sequence) -> bool:
    items = value.items or ()
    if value.items == () and value.kind == "list":
        return True
    return any(isinstance(v, (Instance, Choice)) for v in items) or isinstance(
        value.item, (Instance, Choice)
    )


def _as_module_list(code: Expression) -> Expression:
    return Call(Symbol("flax.nnx.List"), (Argument(code),))


# ------------------------------------------------------------------------------------------ closing


def _close(program: Program, plan: Plan, state: ClassState) -> None:
    """Everything has been seen: constructor calls are put in, sizes become parameters, unread
    parameters go."""
    for name, method in list(state.methods.items()):
        own = any(m is method for m in state.node.body)
        if (
            not own
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
            else Tensor()
            for p in method.parameters[1:]
        ]
        if any(
            isinstance(d, Name) and d.id in ("staticmethod", "classmethod", "property")
            for d in method.decorators
        ):
            values = [Static() for _ in method.parameters[1:]]
        run_method(program, plan, method, values)
    frame = _new_frame(program, plan, "init", state.self_name)
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
        unread = parameter.name not in reads
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
    found: list[SizeParameter] = []
    defined = {
        t.id
        for s in state.init
        for n in walk(s)
        if isinstance(n, Assign)
        for t in n.targets
        if isinstance(t, Name)
    }
    source = {p.name for p in plan.parameters}
    for tensor in plan.tensors:
        for name, axis in (
            (input_size_name(plan, tensor.name), -1),
            ("in_shape", None),
            (f"{tensor.name}_shape", None),
        ):
            if (
                name in reads
                and name not in defined
                and name not in source
                and all(f.name != name for f in found)
            ):
                found.append(SizeParameter(name, tensor.name, axis))
    call = state.methods.get("call") or state.methods.get("__call__")
    if call is not None and plan.tensors:
        given = input_tensors(plan, state, plan.tensors[0], call)
        items: dict[object, Value] = {}
        if isinstance(given, Sequence) and given.items is not None:
            items = dict(enumerate(given.items))
        elif isinstance(given, Mapped):
            items = dict(given.entries)
        for key, item in items.items():
            size = item.shape.size(-1) if isinstance(item, Tensor) else None
            expression = size.to_expression() if size is not None else None
            if isinstance(expression, Name) and expression.id in reads:
                found.append(SizeParameter(expression.id, f"{plan.tensors[0].name}\0{key}", -1))
    return found


def class_statements(program: Program, plan: Plan) -> list[Statement]:
    """The module class. Members keep their order; `build` and the configuration methods are
    gone."""
    from .values_at_rest import translate_decorators, translate_parameters

    state = state_of(plan)
    node = state.node
    frame = _new_frame(program, plan, "init", state.self_name)
    members: list[Statement] = []
    own_init = any(isinstance(m, FunctionDef) and m.name == "__init__" for m in node.body)
    for member in node.body:
        match member:
            case FunctionDef(name="__init__"):
                members.append(_init(program, plan, state, member))
            case FunctionDef(name="build"):
                if not own_init:
                    members.append(_init(program, plan, state, None))
                program.translated(frame, member.span, "build", "moved", "folded into __init__")
            case FunctionDef(name=name) if name in CONFIGURATION_METHODS:
                program.translated(frame, member.span, name, "dropped", "Keras configuration")
                program.note(
                    frame, "TJ6002", f"`{name}` is dropped: Keras serialisation", member.span
                )
            case FunctionDef(name=name):
                members.append(_method(program, state, name, member))
            case _:
                members.append(member)
    if (
        not own_init
        and not any(isinstance(m, FunctionDef) and m.name == "build" for m in node.body)
        and state.init
        and state.parent is None
    ):
        members.insert(1 if _is_docstring(node.body[:1]) else 0, _init(program, plan, state, None))
    bases = tuple(_base(program, b) for b in node.bases if not _is_redundant_base(program, b, node))
    decorators = translate_decorators(program, frame, node.decorators)
    _ = translate_parameters
    return [
        replace_node(node, bases=bases, body=tuple(members) or (Pass(),), decorators=decorators)
    ]


def _base(program: Program, base: Argument) -> Argument:
    if isinstance(base.value, Symbol) and (
        base.value.path in KERAS_CLASSES or program.is_layer(base.value.path)
    ):
        return replace_node(base, value=MODULE_BASE)
    return base


def _is_redundant_base(program: Program, base: Argument, node: ClassDef) -> bool:
    """`metaclass=` and a second Keras base say nothing in Flax."""
    return False


def _init(
    program: Program, plan: Plan, state: ClassState, source: FunctionDef | None
) -> FunctionDef:
    from .values_at_rest import translate_parameters

    frame = _new_frame(program, plan, "init", state.self_name)
    parameters = translate_parameters(program, frame, tuple(plan.parameters))
    plain = [p for p in parameters if p.kind in ("positional", "positional_only")]
    variadic = [p for p in parameters if p.kind == "varargs"]
    keyword = [p for p in parameters if p.kind == "keyword_only"]
    rest = [p for p in parameters if p.kind == "kwargs"]
    rngs = [RNGS] if plan.needs_rngs else []
    sizes = [Parameter(s.name) for s in plan.sizes]
    head = source.parameters[0] if source is not None else Parameter("self")
    everything = (head, *sizes, *plain, *variadic, *keyword, *rngs, *rest)
    body = tuple(state.init) or (Pass(),)
    if source is None:
        return FunctionDef("__init__", everything, body)
    return replace_node(
        source, parameters=everything, body=body, decorators=(), returns=source.returns
    )


def _method(program: Program, state: ClassState, name: str, source: FunctionDef) -> FunctionDef:
    new = state.translated.get(name, source)

    def visit(node: Node) -> Node:
        if isinstance(node, StaticRead):
            return Attribute(Name(state.self_name), state.aliases.get(node.name, node.name))
        return map_children(node, visit)

    result = visit(new)
    assert isinstance(result, FunctionDef)
    if name == "call":
        result = replace_node(result, name="__call__")
    return result


def plain_class(program: Program, frame: Frame, statement: ClassDef) -> list[Statement]:
    """A class that is no module: its methods are translated in place."""
    from .values_at_rest import translate_decorators

    members: list[Statement] = []
    changed = False
    for member in statement.body:
        if not isinstance(member, FunctionDef):
            members.append(member)
            continue
        inner = Frame(program, frame.module, "plain")
        for parameter in member.parameters:
            inner.environment[parameter.name] = (
                static_value(parameter) if parameter.default else Unknown()
            )
        run_body(inner, member.body)
        new = rebuilt_function(program, inner, member, inner.body)
        changed = changed or new is not member
        members.append(new)
    decorators = translate_decorators(program, frame, statement.decorators)
    bases = tuple(_base(program, b) for b in statement.bases)
    same_bases = all(a is b for a, b in zip(bases, statement.bases, strict=True))
    if not changed and decorators is statement.decorators and same_bases:
        return [statement]
    return [replace_node(statement, body=tuple(members), decorators=decorators, bases=bases)]


def mode_read(frame: Frame) -> Expression:
    """`training` as code: the module's mode."""
    return Unary("not", Attribute(Name(frame.self_name or "self"), "deterministic"))
