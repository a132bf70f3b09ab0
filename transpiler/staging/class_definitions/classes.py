"""Classes: Keras layers and models, and tf.Module, become `nnx.Module` classes.

`build` is folded into `__init__`; `call` becomes `__call__`; sizes that only the input tells become
constructor parameters. The training flag becomes the mode of the module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Assign,
    Attribute,
    ClassDef,
    Constant,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Statement,
    walk,
)
from ...shapes.shapes import UNKNOWN
from ..chosen_layers.passed_classes import parameter_value
from ..control_flow.statements import run_body
from ..control_flow.targets import defined_names
from ..evaluation.expressions import constant_value
from ..function_definitions import builder_methods
from ..function_definitions.annotations import promised
from ..function_definitions.body_names import names_read
from ..function_definitions.parameters import static_value
from ..functional_models import functional_class
from ..nodes import StaticRead
from ..plans import Plan, SizeParameter
from ..slices.live_code import live_statements
from ..slices.purity import is_pure
from ..slices.tidying import without_returns
from ..source import lazy_state
from ..source.module_lists import with_inner_lists
from ..source.replaced import without_replaced
from ..uses import plan_masks
from ..uses.asked_sizes import add_asked
from ..uses.substitution import seen_outside
from ..values import Mapped, Sequence, ShapeOf, Static, TrainingFlag, Unknown, Value
from . import layer_state, replaced_inputs
from .class_inputs import input_tensors, shape_argument, size_parameters
from .class_state import CONFIGURATION_METHODS, ClassState, method_key, own_parameters, state_of
from .methods import new_frame, restage, run_method, unseen
from .size_order import asked_too_early, with_sizes_in_order

if TYPE_CHECKING:
    from ..program import Program

# ----------------------------------------------------------------------------------------- the plan


def make_plan(program: Program, plan: Plan) -> None:
    node = plan.definition.node
    assert isinstance(node, ClassDef)
    state = ClassState(lazy_state.with_build(node))
    plan.details["class_state"] = state
    state.methods = {method_key(m): m for m in state.node.body if isinstance(m, FunctionDef)}
    state.parent = _parent_plan(program, plan, node)
    if state.parent is not None:
        parent = state_of(state.parent)
        state.attributes |= parent.attributes
        state.conditional |= parent.conditional
        state.uses_mode = parent.uses_mode
        for name, method in parent.methods.items():
            state.methods.setdefault(name, method)
    if state.parent is not None:
        frame = new_frame(program, plan, "init", "self")
        builder_methods.rebind(frame, state.attributes, state.methods)
    call = state.methods.get("call") or state.methods.get("__call__")
    plan.details["call"] = call
    if call is not None:
        plan.details["replaced_inputs"] = replaced_inputs.replacements(call)
    first_inputs = _declare_call(program, plan, state, call)
    _run_init(program, plan, state)
    _run_build(program, plan, state, first_inputs)
    if call is not None and state.call is None:
        values = [_input_value(plan, state, p, call) for p in call.parameters[1:]]
        if program.makes_masks:
            values = plan_masks.implicit(plan, call, values)
        names = [p.name for p in call.parameters[1:]]
        plan.details["inputs"] = dict(zip(names, values, strict=True))
        plan.result = seen_outside(state, run_method(program, plan, call, values))
        _result_by_default(program, plan, call, values)
        plan_masks.declare(plan, state, call)
    _close(program, plan, state)
    plan.details["closed"] = True
    if call is not None:
        plan_masks.declare(plan, state, call)
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
    names = [p.name for p in call.parameters[1:]]
    plan.details["default_inputs"] = dict(zip(names, given, strict=True))
    result = run_method(program, plan, call, given)
    plan.details["default_result"] = seen_outside(state_of(plan), result)


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
    if parameter.name in replaced_inputs.replacements(call):
        return replaced_inputs.replaced_input(parameter.name)
    if parameter.default is not None:
        return Unknown()
    numbers = promised(parameter.annotation, None)
    return input_tensors(plan, state, parameter, call) if numbers is None else numbers


# ------------------------------------------------------------------------------- __init__ and build


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
        passed = parameter_value(program, plan.definition, parameter)
        frame.environment[parameter.name] = passed or _constructor_value(parameter)
    plan.details["all_parameters"] = list(plan.parameters)
    plan.details["signature"] = list(plan.parameters)
    state.init_names = {p.name for p in plan.parameters}
    state.parameters = state.init_names - _assigned_names(own)
    state.settled = _settled_variables(own)
    run_body(frame, own.body)
    state.init.extend(live_statements(frame.body, None))
    state.init_names |= set(frame.environment)


def _constructor_value(parameter: Parameter) -> Value:
    if parameter.kind == "kwargs":
        return Static(kind=dict)
    numbers = promised(parameter.annotation, Name(parameter.name))
    return numbers if isinstance(numbers, Sequence) else static_value(parameter)


def _settled_variables(own: FunctionDef) -> set[str]:
    """The variables of a constructor that get one value, outside of branches and loops."""
    bound = _bound_names(own)
    return {
        name
        for statement in own.body
        if isinstance(statement, Assign)
        for name in defined_names(statement.targets)
        if bound.count(name) == 1
    }


def _assigned_names(node: Node) -> set[str]:
    return set(_bound_names(node))


def _bound_names(node: Node) -> list[str]:
    """The name at each place that may give a variable a new value, or change what it holds."""
    return [
        inner.id
        for statement in walk(node)
        for target in (*getattr(statement, "targets", ()), getattr(statement, "target", None))
        if target is not None
        for inner in walk(target)
        if isinstance(inner, Name)
    ]


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
    state.init.extend(s for s in live_statements(kept, None) if not _does_nothing(s))
    state.init_names |= set(frame.environment)


def _does_nothing(statement: Statement) -> bool:
    match statement:
        case Pass():
            return True
        case For(iterable=iterable, body=body, otherwise=()):
            return is_pure(iterable) and all(_does_nothing(s) for s in body)
        case If(test=test, then=then, otherwise=otherwise):
            return is_pure(test) and all(_does_nothing(s) for s in (*then, *otherwise))
        case _:
            return False


def is_docstring(body: tuple[Statement, ...]) -> bool:
    match body:
        case (ExpressionStatement(value=Constant(value=str())),):
            return True
        case _:
            return False


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
            or (name in CONFIGURATION_METHODS and not program.keeps_method(method))
        ):
            continue
        values: list[Value] = [unseen(p) for p in own_parameters(method)]
        if any(
            isinstance(d, Name) and d.id in ("staticmethod", "classmethod", "property")
            for d in method.decorators
        ):
            values = [Static() for _ in own_parameters(method)]
        run_method(program, plan, method, values)
    restage(program, plan)
    builder_methods.finish_methods(program, frame, state)
    init = layer_state.filled(program, frame, plan, layer_state.with_chains(state.init))
    init = with_inner_lists(without_replaced(init, state.self_name))
    init = with_sizes_in_order(init, state.self_name)
    for name in sorted(asked_too_early(init, state.self_name)):
        message = f"the size that `{name}` gives is needed before `{name}` is made"
        program.note(frame, "TJ4001", message, state.node.span, "make the layers in their order")
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
    add_asked(plan, init, reads)
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
