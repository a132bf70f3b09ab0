"""What one iteration sees of an iterable, and the variables that take it."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import Call, Expression, List, Name, Starred, Tuple, replace_node
from ...shapes.shapes import Shape
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..joined_values import sequence_item
from ..values import Mapped, Sequence, ShapeOf, Static, Tensor, Unknown, Value, Weight, is_dynamic


def element_value(frame: Frame, code: Expression, iterable: Result) -> Value:
    """What one iteration sees, for the iterables that model code uses."""
    match code:
        case Call(function=Name(id="enumerate"), arguments=(first, *_)):
            inner = evaluate(frame, first.value)
            return Sequence("tuple", (Static(kind=int), element_value(frame, first.value, inner)))
        case Call(function=Name(id="zip"), arguments=arguments) if not any(
            a.star for a in arguments
        ):
            parts = [element_value(frame, a.value, evaluate(frame, a.value)) for a in arguments]
            return Sequence("tuple", tuple(parts))
        case Call(
            function=Name(id="reversed" | "list" | "tuple" | "sorted"), arguments=(first, *_)
        ):
            return element_value(frame, first.value, evaluate(frame, first.value))
        case Call(function=Name(id="range")):
            return Static(kind=int)
        case _:
            pass
    match iterable.value:
        case Sequence() as sequence:
            item = sequence_item(sequence)
            if isinstance(item, Static):
                return Static(None, item.kind)
            return item or Unknown()
        case Tensor(shape=shape, dtype=dtype) | Weight(shape=shape, dtype=dtype):
            return Tensor(Shape(shape.dims[1:]) if shape.dims else Shape(), dtype)
        case ShapeOf():
            return Static(kind=int)
        case Mapped():
            return Static()
        case _:
            return Static()


def parts_of(element: Value) -> list[Value]:
    """What one iteration sees, with tuples taken apart."""
    if isinstance(element, Sequence):
        return [part for item in element.items or () for part in parts_of(item)]
    return [element]


def shadow_target(target: Expression, element: Value) -> Expression:
    """The loop variables in `__init__`: a tensor's place is taken by its features."""
    match target:
        case Name(id=name) if is_dynamic(element):
            return Name(f"{name}_features")
        case Tuple(elements=elements) | List(elements=elements):
            parts = [_component(element, i, len(elements)) for i, _ in enumerate(elements)]
            new = tuple(shadow_target(e, v) for e, v in zip(elements, parts, strict=True))
            if all(a is b for a, b in zip(new, elements, strict=True)):
                return target
            return replace_node(target, elements=new, span=None)
        case _:
            return target


def bind_target(frame: Frame, target: Expression, value: Value) -> None:
    match target:
        case Name(id=name):
            frame.loop_targets.add(name)
            match value:
                case Tensor(shape=shape, dtype=dtype) if (
                    frame.kind == "split" and shape.size(-1) is None
                ):
                    size = Dim.named(f"{name}_features")
                    value = Tensor(shape.with_last(size), dtype)
                case Static(constant=None, kind=kind, size=None) if kind in (None, int):
                    value = Static(None, kind, Dim.named(name))
                case ShapeOf(shape=shape) if frame.kind == "init" and shape == Shape():
                    # Of a list of shapes, the list of their last sizes is there.
                    value = ShapeOf(Shape(None, Dim.named(name)))
                case _:
                    pass
            frame.assign(name, value)
        case Tuple(elements=elements) | List(elements=elements):
            for i, element in enumerate(elements):
                bind_target(frame, element, _component(value, i, len(elements)))
        case Starred(value=inner):
            bind_target(frame, inner, Sequence("list", None, Unknown()))
        case _:
            pass


def _component(value: Value, index: int, count: int) -> Value:
    match value:
        case Sequence(items=items) if items is not None and len(items) == count:
            return items[index]
        case Sequence(item=item) if item is not None:
            return item
        case Tensor():
            return Tensor()
        case _:
            return Static()
