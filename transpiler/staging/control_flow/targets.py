"""The variables that a target assigns, and the values they get."""

from __future__ import annotations

from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Assign,
    Attribute,
    Constant,
    Expression,
    List,
    Name,
    Starred,
    Subscript,
    Tuple,
)
from ...shapes.shapes import UNKNOWN, Shape
from ..evaluation.expressions import evaluate, known
from ..frame import Frame, Result
from ..joined_values import join_values
from ..nodes import Optional
from ..uses.substitution import element
from ..values import (
    ANY_KEY,
    Known,
    Mapped,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Value,
    integer,
    is_dynamic,
)


def defined_names(targets: tuple[Expression, ...]) -> tuple[str, ...]:
    """Plain variables among assignment targets; for `a[i] = ...` and `a.b = ...` the variable that
    changes."""
    names: list[str] = []
    for target in targets:
        match target:
            case Name(id=name):
                names.append(name)
            case Tuple(elements=elements) | List(elements=elements):
                names.extend(defined_names(elements))
            case Starred(value=value) | Subscript(value=value) | Attribute(value=value):
                names.extend(defined_names((value,)))
            case _:
                pass
    return tuple(names)


def bind_values(frame: Frame, target: Expression, result: Result) -> None:
    """Gives the target's variables their values."""
    match target:
        case Name(id=name):
            value = result.value
            if isinstance(value, Static) and not is_dynamic(value):
                size = value.size
                named = frame.kind in ("split", "init") and result.static is not None
                # What a method knows of its weights is said in terms of its call.
                named = named and not frame.settles
                if named and frame.kind == "init":
                    _note_local(frame, name, size)
                if named and (size is None or size.constant is None):
                    size = Dim.named(name) if value.kind in (None, int) else size
                code = result.static if frame.kind == "call" else None
                value = replace(value, size=size, code=code)
            if isinstance(value, Sequence) and is_dynamic_list(value) and frame.kind == "split":
                shadow = Name(f"{name}_features")
                if result.static is not None:
                    frame.shadow(shadow.id, result.static)
                    value = Sequence(value.kind, value.items, value.item, shadow)
            if isinstance(value, Mapped) and frame.kind == "split":
                shadow = Name(f"{name}_features")
                if (not value.entries or is_dynamic(value)) and result.static is not None:
                    frame.shadow(shadow.id, result.static)
                    value = Mapped(value.entries, shadow)
            frame.assign(name, value)
        case Tuple(elements=elements) | List(elements=elements):
            for i, each in enumerate(elements):
                part = _part(frame, result, i, len(elements))
                with_tensors = is_dynamic(result.value) and isinstance(part.value, Static)
                if with_tensors and isinstance(each, Name):
                    # A size that comes with tensors: `__init__` has it from the module.
                    frame.shadow(each.id, part.static)
                if isinstance(result.value, ShapeOf) and isinstance(each, Name):
                    # `__call__` reads it off the tensor, `__init__` uses the size itself.
                    frame.assign(each.id, part.value)
                else:
                    bind_values(frame, each, part)
        case Subscript(value=Name(id=name)):
            current = frame.environment.get(name)
            if isinstance(current, Sequence):
                item = (
                    result.value
                    if current.item is None
                    else join_values(current.item, result.value)
                )
                frame.environment[name] = Sequence(current.kind, None, item, current.shadow)
                _shadow_element(frame, current.shadow, target.index, result)
            elif isinstance(current, ShapeOf):
                index = known(evaluate(frame, target.index).value)
                frame.environment[name] = _with_size(current, index, result.value)
            elif isinstance(current, Mapped) and is_dynamic(result.value):
                key = known(evaluate(frame, target.index).value)
                entry = ANY_KEY if key is None else key.value
                value = result.value
                if entry is ANY_KEY and isinstance(value, Tensor):
                    value = _of_any_key(value, current.entries.get(ANY_KEY))
                frame.environment[name] = Mapped({**current.entries, entry: value}, current.shadow)
                _shadow_element(frame, current.shadow, target.index, result)
        case Starred(value=value):
            bind_values(
                frame, value, Result(Sequence("list", None, result.value), result.dynamic, None)
            )
        case _:
            evaluate(frame, target)


def _note_local(frame: Frame, name: str, size: Dim | None) -> None:
    """A variable of a constructor: its size, if it gets one value that always holds."""
    from ..class_definitions.class_state import current_state

    state = current_state(frame)
    if state is None or frame.is_trial():
        return
    once = name not in state.local_sizes and name not in state.init_names
    state.local_sizes[name] = size if once and frame.loop_depth_is_static() else None


def _with_size(current: ShapeOf, index: Known | None, value: Value) -> ShapeOf:
    """`shape[-1] = n`."""
    size = value.extent if isinstance(value, Static) else None
    shape = current.shape
    match index:
        case Known(value=-1):
            return ShapeOf(shape.with_last(size))
        case Known(value=int() as axis) if shape.dims is not None and axis < len(shape.dims):
            dims = list(shape.dims)
            dims[axis] = size
            return ShapeOf(Shape(tuple(dims)))
        case Known(value=0):
            return ShapeOf(Shape(None, shape.last))
        case _:
            return ShapeOf(UNKNOWN)


def _shadow_element(
    frame: Frame, shadow: Expression | None, index: Expression, result: Result
) -> None:
    """`features[key] = x`: `features_features[key] = <features of x>` in `__init__`, if it is
    needed there."""
    position = evaluate(frame, index).static
    if frame.kind != "split" or not isinstance(shadow, Name):
        return
    if result.static is None or position is None or not is_dynamic(result.value):
        return
    statement = Assign((Subscript(shadow, position),), result.static)
    frame.emit_init(Optional(statement, (shadow.id,)))


def _of_any_key(value: Tensor, before: Value | None) -> Tensor:
    """A tensor under a key that only a loop tells: each has a size of its own, unless it is a
    number."""
    last = value.shape.size(-1)
    if last is not None and last.constant is None:
        value = Tensor(value.shape.with_last(None), value.dtype)
    joined = value if before is None else join_values(before, value)
    return joined if isinstance(joined, Tensor) else value


def is_dynamic_list(value: Sequence) -> bool:
    return value.kind == "list" and (value.items == () or is_dynamic(value))


def _part(frame: Frame, result: Result, index: int, count: int) -> Result:
    static = None
    if result.static is not None:
        static = element(Subscript(result.static, Constant(index)))
        assert isinstance(static, Expression)
    match result.value:
        case Sequence(items=items) if items is not None and len(items) == count:
            value = items[index]
        case Sequence(item=item) if item is not None:
            value = item
        case Tensor():
            value = Tensor()
        case _:
            shape = result.value.shape if isinstance(result.value, ShapeOf) else None
            # As many names as it has axes.
            shape = shape.at_rank(count) if shape is not None else None
            if shape is not None and shape.rank == count:
                size = shape.size(index)
                value = integer(shape.axis(index))
                static = size.to_expression() if size is not None else None
            else:
                value = Static()
    if isinstance(value, Tensor):
        size = value.shape.size(-1)
        static = size.to_expression() if size is not None else None
    return Result(value, Subscript(result.dynamic, Constant(index)), static)
