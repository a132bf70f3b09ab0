"""The code of an assignment in either slice."""

from __future__ import annotations

from ....ir.nodes import Assign, Expression, Name, Slice, Statement, Subscript, replace_node
from ..evaluation.expressions import evaluate
from ..evaluation.shape_code import holds_shapes
from ..frame import Frame, Result
from ..layers.listed_layers import are_functional, emit_sizes
from ..nodes import Optional, Pending
from ..slices.purity import is_pure
from ..values import (
    Api,
    ByName,
    Choice,
    Closure,
    Defined,
    GraphModel,
    Instance,
    Mapped,
    Partial,
    Sequence,
    ShapeOf,
    Static,
    TrainingFlag,
    is_dynamic,
)


def emit_assign(
    frame: Frame,
    statement: Statement,
    targets: tuple[Expression, ...],
    result: Result,
    names: tuple[str, ...],
) -> None:
    dynamic = _with_read_targets(frame, rebuilt(statement, result.dynamic))
    value = result.value
    if isinstance(value, Static) and value.decided and all(isinstance(t, Name) for t in targets):
        # Read as the answer itself, but where branches join.
        frame.emit(Optional(dynamic, names))
        if frame.kind == "split":
            frame.emit_init(Optional(dynamic, names))
        return
    if frame.kind != "split":
        if isinstance(value, (Instance,)) and frame.kind == "init":
            frame.emit(dynamic)
            return
        held = (Defined, Partial) if frame.kind == "init" else ()
        of_shapes = frame.kind == "init" and (holds_shapes(value) or _in_shape(frame, targets))
        if of_shapes or isinstance(value, (TrainingFlag, *held)):
            # Read by the sizes it consists of; by the mode of the module.
            frame.emit(Optional(dynamic, names))
        elif isinstance(value, Closure) and frame.kind != "plain":
            # Calls of it stay calls, in this body or in a local function.
            if not frame.program.creates(value.definition):
                frame.emit(Optional(dynamic, names))
        elif not isinstance(value, Api) or frame.kind == "plain":
            frame.emit(dynamic)
        return
    match value:
        case GraphModel():
            frame.emit(Optional(dynamic, names))
        case ByName(explicit=explicit):
            frame.emit(Optional(dynamic, names))
            if result.static is not None:
                # A layer is built where the name is called; `options.pop("kind")` stays anyway.
                built = rebuilt(statement, result.static)
                dropped = not explicit or is_pure(result.static)
                frame.emit_init(Optional(built, names) if dropped else built)
        case Choice() if _chooses_layers(value) and result.static is not None:
            # The layer is built where it is applied.
            frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Instance() if frame.self_name is not None and result.static is not None:
            # A layer that the constructor may put into a list.
            frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Instance():
            if isinstance(result.static, Pending):
                frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Api():
            return
        case Mapped(entries=entries) if not entries:
            frame.emit(Optional(dynamic, names))
            frame.emit_init(Optional(dynamic, names))
        case Defined() | Closure() | Partial():
            if result.static is not None:
                frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case _ if is_dynamic(value) or (isinstance(value, Sequence) and value.items == ()):
            copied = is_pure(result.dynamic)
            frame.emit(Optional(dynamic, names) if copied else dynamic)
            if isinstance(value, Sequence) and value.items == () and value.kind == "list":
                # An empty list: tensors or static values may go in; both slices keep it if they use
                # it.
                frame.emit_init(
                    Optional(rebuilt(statement, result.static or result.dynamic), names)
                )
        case _:
            emit_static(frame, statement, result, names)


def _in_shape(frame: Frame, targets: tuple[Expression, ...]) -> bool:
    """Whether an assignment changes a size of a shape that a variable holds."""
    match targets:
        case (Subscript(value=Name(id=name)),):
            return isinstance(frame.environment.get(name), ShapeOf)
        case _:
            return False


def _with_read_targets(frame: Frame, statement: Statement) -> Statement:
    """`found[str(index + start)] = x` of `__call__`: what the place is made of is read there."""
    if frame.kind != "split" or not isinstance(statement, Assign):
        return statement

    def read(target: Expression) -> Expression:
        if not isinstance(target, Subscript) or isinstance(target.index, Slice):
            return target
        index = evaluate(frame, target.index).dynamic
        return target if index is target.index else replace_node(target, index=index)

    targets = tuple(read(t) for t in statement.targets)
    if all(a is b for a, b in zip(targets, statement.targets, strict=True)):
        return statement
    return replace_node(statement, targets=targets)


def _chooses_layers(value: Choice) -> bool:
    return all(
        isinstance(v, (Instance, Api)) or (isinstance(v, Choice) and _chooses_layers(v))
        for v in (value.then, value.otherwise)
    )


def rebuilt(statement: Statement, value: Expression) -> Statement:
    if getattr(statement, "value", None) is value:
        return statement
    return replace_node(statement, value=value)


def emit_static(frame: Frame, statement: Statement, result: Result, names: tuple[str, ...]) -> None:
    """A static assignment runs in `__init__`; `__call__` may compute it again."""
    if result.static is None:
        # Computed from the data's shape: it lives in `__call__`.
        frame.call_only.update(names)
        frame.emit(Optional(rebuilt(statement, result.dynamic), names))
        return
    frame.call_only.difference_update(names)
    for name in names:
        note_static(frame, name)
    frame.emit(Optional(rebuilt(statement, result.dynamic), names))
    init = rebuilt(statement, result.static)
    holds_layers = isinstance(result.value, Sequence) and are_functional(result.value)
    if len(names) == 1:
        emit_sizes(frame, names[0], result.value, result.static)
    pure = holds_layers or is_pure(result.static)
    frame.emit_init(Optional(init, names) if pure else init)


def note_static(frame: Frame, name: str) -> None:
    frame.static_targets[name] = frame.static_targets.get(name, 0) + 1
    frame.assigned_at[name] = frame.clock
    if frame.loop is not None:
        frame.assigned_in_loop.add(name)
