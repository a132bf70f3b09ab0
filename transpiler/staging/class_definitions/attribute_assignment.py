"""What assigning an attribute means, in the constructor and in a call."""

from __future__ import annotations

from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    OpCall,
    Statement,
    Symbol,
    replace_node,
    walk,
)
from ...shapes.shapes import UNKNOWN, Shape
from ..frame import Frame, Result
from ..joined_values import join_all, join_values
from ..source.module_lists import kept_list
from ..values import (
    UNKNOWN_TEST,
    Api,
    Choice,
    Instance,
    Known,
    Passed,
    SelfReference,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Value,
    Weight,
    is_dynamic,
)
from . import conditional_parts
from .attribute_definitions import note_definition
from .class_state import BOOKKEEPING, ClassState, current_state


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
    if isinstance(value, ShapeOf) and _is_unread_shape(frame, name):
        state.attributes[name] = value
        frame.program.translated(
            frame, statement.span, "bookkeeping", "dropped", "a shape that nothing reads"
        )
        return True
    code = result.dynamic
    note_definition(frame, state, name, result)
    match value:
        case Passed(candidates=(Api(),)) if _is_only_called(state, name):
            # It is always this layer, which each call of it builds.
            state.attributes[name] = value
            frame.program.translated(
                frame, statement.span, "inlined", "moved", "built where called"
            )
            return True
        case Instance(site=site):
            site.stored = True
            site.attribute = name
            site.details["direct"] = not frame.conditions
        case Sequence() if _holds_modules(value):
            code = _as_module_list(code)
        case _ if frame.kind == "init" and (made := kept_list(code, frame.body)) is not None:
            code = made
        case Tensor() | Static() if frame.kind != "split" and _makes_variable(statement):
            value = Weight(value.shape, value.dtype) if isinstance(value, Tensor) else Weight()
            if value.shape == UNKNOWN:
                value = Weight(_initial_shape(frame, statement), value.dtype)
        case Tensor() if frame.kind == "init":
            value = Static()
        case Static(constant=constant, kind=kind, size=size):
            if isinstance(code, Name):
                state.aliases.setdefault(code.id, name)
            if size is not None and size.constant is None and not isinstance(code, Name):
                size = Dim.variable(Attribute(Name(state.self_name), name))
            if constant is not None and constant.value is None:
                code = (
                    Call(Symbol("flax.nnx.data"), (Argument(code),))
                    if _set_later(state, name)
                    else code
                )
            known = name not in state.attributes or _is_none(value)
            value = Static(constant if known else None, kind, size)
        case _:
            pass
    if frame.kind == "split":
        _keep_in_init(frame, statement, state, name, result)
        return True
    if frame.kind == "init" and not frame.is_trial():
        state.assigned.setdefault(name, []).append(value)
        conditional_parts.note(frame, state, name)
    before = state.attributes.get(name)
    if isinstance(before, Instance) and isinstance(value, Tensor) and value.assumed:
        value = before  # a method that exchanges the layer for one like it
    if before is not None and frame.conditions and before != value:
        test = conditional_parts.excluded(frame, state, name)
        if before == Static() and any(map(_is_none, state.assigned.get(name, ()))):
            before = Static(Known(None), type(None))
        elif isinstance(before, Choice) and _is_none(before.otherwise) and test != UNKNOWN_TEST:
            before = before.then  # the other branch made the layer: None is gone
        value = _either(before, value, test)
        if isinstance(value, Weight) and any(map(_is_none, state.assigned.get(name, ()))):
            value = replace(value, optional=True)
    if _is_none(value) and not frame.conditions and _set_later(state, name):
        value = Static()
    state.attributes[name] = value
    made_here = isinstance(value, Instance) and value.site.details.get("in_call")
    if frame.kind == "call" and made_here and isinstance(before, Instance):
        _replace_layer(frame, statement, state, name, before)
        return True
    if frame.kind == "call" and made_here:
        # A layer that the first call builds is built by the constructor.
        if not frame.is_trial():
            state.init.append(replace_node(statement, value=code))
        return True
    if getattr(statement, "value", None) is code:
        frame.emit(statement)
    else:
        frame.emit(replace_node(statement, value=code))
    return True


def _replace_layer(
    frame: Frame, statement: Statement, state: ClassState, name: str, before: Instance
) -> None:
    """A method makes a layer anew that the constructor has made: what it holds would be lost in
    `__call__`, and it needs a key."""
    state.attributes[name] = before
    code = frame.program.unhandled(
        frame,
        getattr(statement, "value", Constant(None)),
        "TJ5004",
        f"`{name}` is replaced by a new layer in a method",
        "set the variables of the layer instead",
        statement.span,
    )
    frame.emit(replace_node(statement, value=code))


def _keep_in_init(
    frame: Frame, statement: Statement, state: ClassState, name: str, result: Result
) -> None:
    """`self.name = value` in a constructor that is split."""
    value = result.value
    state.attributes[name] = value
    code = result.static
    if isinstance(value, Sequence) and _holds_modules(value) and code is not None:
        code = _as_module_list(code)
    if is_dynamic(value) or code is None:
        frame.program.translated(
            frame, statement.span, "functional", "dropped", "a tensor of the graph, not kept"
        )
        return
    if isinstance(value, Static):
        size = value.size
        if size is not None and size.constant is None and not isinstance(code, Name):
            size = Dim.variable(Attribute(Name(state.self_name), name))
        state.attributes[name] = Static(value.constant, value.kind, size)
    frame.emit_init(replace_node(statement, value=code))


def _is_unread_shape(frame: Frame, name: str) -> bool:
    """`self.shape = input_shape` in `build`, for the configuration that Keras saves."""
    return frame.kind == "init" and name not in frame.program.attributes_read


def _is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.constant == Known(None)


def _makes_variable(statement: Statement) -> bool:
    match statement:
        case Assign(value=OpCall(symbol="tf.Variable")):
            return True
        case _:
            return False


def _initial_shape(frame: Frame, statement: Statement) -> Shape:
    """`tf.Variable(init([a, b], dtype))`: what an initializer that is an object takes is the
    shape."""
    from ..calling.graph_calls import declared_shape
    from ..evaluation.expressions import evaluate

    match statement:
        case Assign(value=OpCall(bound={"initial_value": Call(arguments=(first, *_))})):
            given = evaluate(frame, first.value)
        case _:
            return UNKNOWN
    if not isinstance(given.value, Sequence) or first.keyword not in (None, "shape"):
        return UNKNOWN
    return declared_shape(given.value, given.static, batch=False)


def append_to_attribute(frame: Frame, target: Attribute, before: Sequence, added: Value) -> None:
    """`self.layers.append(layer)` in the constructor: one item each, or one that stands for all
    that a loop appends."""
    state = current_state(frame)
    owner = target.value
    if state is None or frame.kind == "call" or not (holds_modules(added) or _is_either(added)):
        return
    if frame.kind == "split":
        _note_stored(added)
    if frame.is_trial():
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


def _either(before: Value, value: Value, test: Expression) -> Value:
    """One of two values of an attribute: the first under the test."""
    either = [before, value]
    none = next((v for v in either if _is_none(v)), None)
    module = next((v for v in either if isinstance(v, (Instance, Choice))), None)
    if none is not None and module is not None:
        return Choice(UNKNOWN_TEST, module, none)
    if isinstance(before, Instance | Choice) and isinstance(value, Instance):
        return Choice(test, before, value)
    weight = next((v for v in either if isinstance(v, Weight)), None)
    if none is not None and weight is not None:
        return replace(weight, optional=True)
    if isinstance(before, Static) and isinstance(value, (Instance, Weight)):
        return value
    if isinstance(before, (Instance, Weight)) and isinstance(value, Static):
        return before
    return join_values(before, value)


def _is_only_called(state: ClassState, name: str) -> bool:
    """Whether nothing but calls reads an attribute of the class."""
    reads = calls = 0
    for node in walk(state.node):
        match node:
            case Call(function=Attribute(attribute=called)) if called == name:
                calls += 1
            case Assign(targets=targets):
                reads -= sum(isinstance(t, Attribute) and t.attribute == name for t in targets)
            case _:
                pass
        reads += isinstance(node, Attribute) and node.attribute == name
    return reads == calls


def _set_later(state: ClassState, name: str) -> bool:
    """Whether `build`, another branch or a method that runs later puts something else there."""
    count = 0
    for method, node in state.methods.items():
        early = method in ("__init__", "build")
        for inner in walk(node):
            match inner:
                case Assign(targets=targets, value=value) if any(
                    isinstance(t, Attribute) and t.attribute == name for t in targets
                ):
                    count += early or not isinstance(value, Constant)
                case _:
                    pass
    return count > 1


def holds_modules(value: Value) -> bool:
    """Whether this is a module, or a list of them."""
    if isinstance(value, Sequence):
        return any(
            map(holds_modules, (*(value.items or ()), *([value.item] if value.item else [])))
        )
    return isinstance(value, Instance)


def _is_either(value: Value) -> bool:
    """Whether this is one of two modules."""
    match value:
        case Choice(then=Instance(), otherwise=Instance()):
            return True
        case _:
            return False


def _note_stored(value: Value) -> None:
    match value:
        case Instance(site=site):
            site.stored = True
        case Sequence(items=items, item=item):
            for each in (*(items or ()), *([item] if item else [])):
                _note_stored(each)
        case _:
            pass


def _holds_modules(value: Sequence) -> bool:
    items = value.items or ()
    if value.items == () and value.kind == "list":
        return True
    return any(isinstance(v, (Instance, Choice)) for v in items) or isinstance(
        value.item, (Instance, Choice)
    )


def _as_module_list(code: Expression) -> Expression:
    return Call(Symbol("flax.nnx.List"), (Argument(code),))
