"""Assignments: to names, attributes and elements; symbolic inputs begin here."""

from __future__ import annotations

from ....ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
    Call,
    Constant,
    Expression,
    List,
    Name,
    OpCall,
    Starred,
    Statement,
    Tuple,
    walk,
)
from ..class_definitions import attribute_assignment, optional_weights
from ..class_definitions.class_state import BOOKKEEPING, current_state
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..functional_models import input_lists
from ..nodes import Optional
from ..uses.held_models import note_model
from ..values import Instance, Mapped, Sequence, ShapeOf, Tensor, Unknown, is_dynamic
from .assigned_code import emit_assign, emit_static, rebuilt
from .model_chains import begins_chain, declare_input, graph_of, start_chain
from .targets import bind_values, defined_names


def run_assign(frame: Frame, statement: Assign) -> None:
    if len(statement.targets) == 1:
        assign_one(frame, statement, statement.targets[0], statement.value)
        return
    *more, last = statement.targets
    if isinstance(statement.value, OpCall) and statement.value.symbol == "keras.Input":
        # `x = inputs = Input(...)`: a parameter, and variables that begin with it.
        assign_one(
            frame, Assign((last,), statement.value, span=statement.span), last, statement.value
        )
        for target in more:
            assign_one(frame, Assign((target,), last, span=statement.span), target, last)
        return
    if any(isinstance(t, Attribute) for t in statement.targets):
        # `self.a = self.b = None`: an attribute is more than a name for a value.
        for target in (last, *more):
            value = last if target is not last else statement.value
            value = statement.value if isinstance(statement.value, Constant) else value
            assign_one(frame, Assign((target,), value, span=statement.span), target, value)
        return
    result = evaluate(frame, statement.value)
    for target in statement.targets:
        bind_values(frame, target, result)
    emit_assign(frame, statement, statement.targets, result, defined_names(statement.targets))


def assign_one(frame: Frame, statement: Statement, target: Expression, value: Expression) -> None:
    frame.pending_inputs.clear()
    if _splits_inputs(frame, target, value) or _splits_attributes(frame, statement, target, value):
        return
    if (
        isinstance(target, Attribute)
        and target.attribute in BOOKKEEPING
        and frame.kind in ("init", "call")
    ):
        frame.program.translated(
            frame, statement.span, "bookkeeping", "dropped", "Keras bookkeeping"
        )
        return
    if isinstance(target, Name) and input_lists.takes_inputs(frame, target.id, value):
        return
    result = evaluate(frame, value)
    if frame.pending_inputs and isinstance(target, Name) and frame.kind == "split":
        assigned = result.value
        if isinstance(assigned, Tensor) and result.dynamic is frame.pending_inputs[-1]:
            if frame.plan is not None and isinstance(result.dynamic, Name):
                names = frame.plan.details.setdefault("input_names", {})
                assert isinstance(names, dict)
                names[target.id] = result.dynamic.id.removeprefix("input:") or target.id
            declare_input(frame, target.id, assigned)
            return
        if isinstance(assigned, (Mapped, Sequence)) and is_dynamic(assigned):
            # A dict or list of inputs: one parameter that holds them all.
            frame.environment[target.id] = result.value
            frame.inputs[target.id] = Tensor()
            return
    if isinstance(target, Attribute):
        note_model(frame, target, result.value)
        owner = evaluate(frame, target.value)
        if attribute_assignment.assign_attribute(frame, statement, target, owner, result):
            return
    if (
        isinstance(target, Name)
        and begins_chain(frame, result)
        and not _is_applied(frame, target.id)
    ):
        frame.environment[target.id] = graph_of(start_chain(frame, result))
        return
    if isinstance(target, Tuple | List) and isinstance(result.value, Instance):
        result = _taken_apart(frame, statement, result)
    before = target
    bind_values(frame, target, result)
    sizes = _sizes_one_by_one(frame, statement, target, result)
    if sizes is not None:
        for each in sizes:
            frame.emit(each)
        return
    emit_assign(frame, statement, (before,), result, defined_names((target,)))


def _sizes_one_by_one(
    frame: Frame, statement: Statement, target: Expression, result: Result
) -> list[Statement] | None:
    """`batch, length, dim = input_shape` in `build`: each size by itself, so that the constructor
    asks for those alone that it reads."""
    state = current_state(frame)
    build = None if state is None else state.methods.get("build")
    if build is None:
        return None
    match target, result.value:
        case Tuple(elements=names) | List(elements=names), ShapeOf(shape=shape, inner=None):
            pass
        case _:
            return None
    sizes = shape.at_rank(len(names)).dims
    if frame.kind != "init" or sizes is None or len(sizes) != len(names):
        return None
    assigned: list[Statement] = []
    for axis, (name, size) in enumerate(zip(names, sizes, strict=True)):
        known = size is not None and not size.is_hidden
        if not isinstance(name, Name) or (axis and not known):
            return None
        code = size.to_expression() if size is not None and known else Constant(None)
        if sum(isinstance(n, Name) and n.id == name.id for n in walk(build)) == 1:
            continue  # nothing reads it
        assigned.append(Assign((name,), code, span=statement.span))
    return assigned


def _taken_apart(frame: Frame, statement: Statement, module: Result) -> Result:
    """`a, b = build()` of a function that became one module."""
    message = "the parts of a graph that a function returns are one module here"
    hint = "return the model from the function, and use its `input` and `output`"
    span = statement.span
    code = frame.program.unhandled(frame, module.dynamic, "TJ5007", message, hint, span)
    return Result(Unknown(), code, None)


def _is_applied(frame: Frame, name: str) -> bool:
    """Whether the function calls the model, or wraps it: it is a part of another."""
    node = frame.plan.definition.node if frame.plan is not None else None
    for inner in walk(node) if node is not None else ():
        match inner:
            case Call(function=Name(id=called)) if called == name:
                return True
            case OpCall(symbol=symbol, bound=bound) if symbol.startswith("keras.layers."):
                if any(isinstance(v, Name) and v.id == name for v in bound.values()):
                    return True
            case _:
                pass
    return False


def _splits_inputs(frame: Frame, target: Expression, value: Expression) -> bool:
    """`a, b = Input(...), Input(...)`: one input each."""
    match target, value:
        case Tuple(elements=names), (Tuple(elements=values) | List(elements=values)):
            opens = any(isinstance(v, OpCall) and v.symbol == "keras.Input" for v in values)
            # Empty lists may come to hold what only one of the slices has.
            opens = opens or all(isinstance(v, List) and not v.elements for v in values)
            if not opens or len(names) != len(values) or frame.kind != "split":
                return False
            for name, inner in zip(names, values, strict=True):
                assign_one(frame, Assign((name,), inner), name, inner)
            return True
        case _:
            return False


def _splits_attributes(
    frame: Frame, statement: Statement, target: Expression, value: Expression
) -> bool:
    """`self.a, self.b = Dense(4), Dense(8)`: one attribute each."""
    match target, value:
        case Tuple(elements=targets), (Tuple(elements=values) | List(elements=values)):
            own = [t for t in targets if isinstance(t, Attribute)]
            read = {n.attribute for v in values for n in walk(v) if isinstance(n, Attribute)}
            if (
                frame.kind != "init"
                or not len(own) == len(targets) == len(values)
                or any(isinstance(v, Starred) for v in values)
                or any(not _is_self(frame, t.value) or t.attribute in read for t in own)
            ):
                return False
            for one, given in zip(own, values, strict=True):
                assign_one(frame, Assign((one,), given, span=statement.span), one, given)
            return True
        case _:
            return False


def _is_self(frame: Frame, code: Expression) -> bool:
    return isinstance(code, Name) and code.id == frame.self_name


def run_augmented(frame: Frame, statement: AugmentedAssign) -> None:
    """`a += b` is evaluated as `a = a + b`; the spelling stays."""
    combined = Binary(statement.operator, statement.target, statement.value)
    result = evaluate(frame, combined)
    value = optional_weights.present(frame, evaluate(frame, statement.value))
    names = defined_names((statement.target,))
    bind_values(frame, statement.target, result)
    dynamic = rebuilt(statement, value.dynamic)
    if frame.kind != "split" or is_dynamic(result.value):
        frame.emit(dynamic)
        if (
            frame.kind == "split"
            and isinstance(result.value, Sequence)
            and value.static is not None
        ):
            shadow = f"{names[0]}_features" if names else ""
            frame.emit_init(
                Optional(AugmentedAssign(Name(shadow), statement.operator, value.static), (shadow,))
            )
        return
    emit_static(frame, statement, Result(result.value, value.dynamic, value.static), names)
