"""Subscripts: elements of known sequences, sizes out of shapes, slices of tensors."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ....ir.dims import Dim
from ....ir.nodes import (
    Constant,
    Expression,
    List,
    Name,
    Reference,
    Slice,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    replace_node,
)
from ...shapes import shape_rules
from ...shapes.shapes import UNKNOWN, Shape
from ..chosen_layers.registries import registered
from ..class_definitions import optional_weights
from ..control_flow.unrolled import report_unlike
from ..frame import Frame, Result
from ..joined_values import join_all, sequence_item
from ..values import (
    ANY_KEY,
    Closure,
    Defined,
    Known,
    Mapped,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Unknown,
    Value,
    Weight,
    integer,
    is_dynamic,
)
from .attributes import part_of
from .expressions import composite, evaluate, known
from .shape_code import shape_code


def evaluate_subscript(frame: Frame, node: Subscript) -> Result:
    from ..chosen_layers import lookups

    inner = optional_weights.present(frame, evaluate(frame, node.value))
    if isinstance(node.index, Slice):
        index = composite(frame, node.index, Static())
    else:
        index = evaluate(frame, node.index)
    parts = (inner.dynamic, index.dynamic)
    unchanged = parts == (node.value, node.index)
    dynamic = node if unchanged else replace_node(node, value=parts[0], index=parts[1])
    position = known(index.value)
    if position is None:
        chosen = lookups.table_entry(frame, node, inner.value, index)
        if chosen is not None:
            static = (
                None
                if inner.static is None or index.static is None
                else Subscript(inner.static, index.static)
            )
            return Result(chosen, dynamic, static)
    elif inner.value == Mapped({}) and isinstance(node.value, Reference):
        filled = registered(frame.program, node.value.module, node.value.name).entries
        if position.value in filled:
            return Result(filled[position.value], dynamic, dynamic)
    if isinstance(inner.value, Sequence) and inner.dynamic is not node.value:
        element = _written_element(inner, position)
        if element is not None:
            return element
    value: Value
    static: Expression | None = None
    match inner.value:
        case ShapeOf(shape=shape):
            if position is not None and isinstance(position.value, int):
                size = shape.size(position.value)
                value = integer(shape.axis(position.value))
                return Result(value, dynamic, size.to_expression() if size is not None else None)
            cut = _slice_bounds(frame, node.index)
            cut_dims = None if cut is None else _slice_dims(shape, cut)
            if cut_dims is not None:
                part = Shape(cut_dims)
                return Result(ShapeOf(part), dynamic, shape_code(part))
            if cut == slice(None, -1) and (lead := shape.base or shape.lead) is not None:
                return Result(ShapeOf(Shape(None, None, None, lead), ()), dynamic, None)
            if (
                cut is not None
                and shape.base is not None
                and (cut.start, cut.stop, cut.step) == (1, None, None)
            ):
                return Result(Static(kind=tuple), dynamic, shape.base)
            if isinstance(node.index, Slice):
                return Result(Sequence("tuple", None, Static(kind=int)), dynamic, None)
            return Result(Static(kind=int), dynamic, None)
        case Sequence(items=items):
            value = _element(frame, node, inner.value, position, items)
        case Mapped(entries=entries) if position is not None and position.value in entries:
            value = entries[position.value]
        case Mapped(entries=entries) if ANY_KEY in entries:
            value = join_all(entries.values())
        case Mapped(entries=entries) if position is None and _are_functions(entries.values()):
            value = join_all(entries.values())
        case Tensor(shape=shape, dtype=dtype) | Weight(shape=shape, dtype=dtype):
            return Result(Tensor(_index_shape(frame, shape, node.index), dtype), dynamic, None)
        case _ if is_dynamic(inner.value):
            value = Tensor()
        case _:
            value = Static() if not isinstance(inner.value, (Unknown, Defined)) else inner.value
            place = _place(index)
            if value == Static() and place is not None:
                value = part_of(inner, Subscript(node.value, place))
    if inner.static is not None and index.static is not None:
        same_code = inner.static is inner.dynamic and index.static is index.dynamic
        static = dynamic if same_code else Subscript(inner.static, index.static)
    if isinstance(value, Sequence) and value.item is not None and is_dynamic(value):
        value = Sequence(value.kind, None, value.item, static)
    if isinstance(value, Tensor) and static is not None and value.shape.size(-1) is None:
        value = Tensor(value.shape.with_last(Dim.variable(static)), value.dtype)
    if isinstance(value, Tensor) and value.shape.size(-1) is not None:
        last = value.shape.size(-1)
        static = last.to_expression() if last is not None else None
    return Result(value, dynamic, static)


def _place(index: Result) -> Expression | None:
    """Code of `__init__` for an index that counts: a number, or the variable of a loop."""
    match index:
        case Result(static=Constant() | Name() | Unary("-", Constant()) as code):
            return code
        case Result(value=Static(size=Dim() as size)):
            code = size.to_expression()
            return code if isinstance(code, Name) else None
        case _:
            return None


def _are_functions(values: Collection[Value]) -> bool:
    return bool(values) and all(isinstance(v, (Defined, Closure)) for v in values)


def _written_element(inner: Result, position: Known | None) -> Result | None:
    """`layer.weights[0]`, where the list that stands for the first part is written out."""
    match inner, position:
        case (
            Result(value=Sequence(items=tuple() as items), dynamic=List(elements=elements)),
            Known(value=int() as index),
        ) if len(items) == len(elements) and -len(items) <= index < len(items):
            return Result(items[index], elements[index], None)
        case _:
            return None


def _element(
    frame: Frame,
    node: Subscript,
    sequence: Sequence,
    position: Known | None,
    items: tuple[Value, ...] | None,
) -> Value:
    if isinstance(node.index, Slice):
        cut = _slice_bounds(frame, node.index)
        if items is not None and cut is not None:
            return Sequence(sequence.kind, items[cut], None)
        return Sequence(sequence.kind, None, sequence_item(sequence))
    if isinstance(sequence.item, ShapeOf) and sequence.shadow is not None:
        index = evaluate(frame, node.index).static or node.index
        size = Dim.variable(Subscript(sequence.shadow, index))
        return ShapeOf(Shape(None, size))
    if items is not None and position is not None and isinstance(position.value, int):
        if -len(items) <= position.value < len(items):
            return items[position.value]
        return Unknown()
    if position is None:
        report_unlike(frame, sequence, node)
    return sequence_item(sequence) or Unknown()


def _slice_bounds(frame: Frame, node: Expression) -> slice | None:
    if not isinstance(node, Slice):
        return None
    bounds: list[int | None] = []
    for part in (node.lower, node.upper, node.step):
        if part is None:
            bounds.append(None)
            continue
        constant = known(evaluate(frame, part).value)
        if constant is None or not (constant.value is None or isinstance(constant.value, int)):
            return None
        bounds.append(constant.value)
    return slice(*bounds)


def _slice_dims(shape: Shape, cut: slice) -> tuple[shape_rules.Size, ...] | None:
    """The sizes that a slice of a shape holds; without a rank, those that count from the front."""
    if shape.dims is not None:
        return shape.dims[cut]
    if (
        shape.base is None
        or not isinstance(cut.stop, int)
        or min(cut.start or 0, cut.stop, cut.step or 1) < 0
    ):
        return None
    return tuple(shape.axis(i) for i in range(cut.start or 0, cut.stop, cut.step or 1))


def _index_shape(frame: Frame, shape: Shape, index: Expression) -> Shape:
    """Basic indexing: integers, slices, None and Ellipsis. Anything else: unknown."""
    parts = index.elements if isinstance(index, Tuple) else (index,)
    consumed = sum(
        1 for p in parts if not _is_literal(frame, p, None) and not _is_literal(frame, p, ...)
    )
    if shape.dims is None:
        if (
            any(_is_literal(frame, p, ...) for p in parts)
            and len(parts) == 2
            and isinstance(parts[-1], Slice)
        ):
            if parts[-1].lower is parts[-1].upper is parts[-1].step is None:
                return shape
            return Shape(None, _slice_size(frame, shape.size(-1), parts[-1]))
        if (
            all(isinstance(p, Slice) or _is_literal(frame, p, None) for p in parts)
            and consumed == 1
        ):
            return Shape(None, shape.last)
        if _leaves_last_axis(frame, parts):
            return Shape(None, shape.last)
        return UNKNOWN
    rest = list(shape.dims)
    result: list[shape_rules.Size] = []
    for part in parts:
        if _is_literal(frame, part, ...):
            keep = len(rest) - sum(
                1 for p in parts[parts.index(part) + 1 :] if not _is_literal(frame, p, None)
            )
            result += rest[:keep]
            rest = rest[keep:]
        elif _is_literal(frame, part, None):
            result.append(Dim.of(1))
        elif isinstance(part, Slice):
            if not rest:
                return UNKNOWN
            result.append(_slice_size(frame, rest.pop(0), part))
        else:
            value = evaluate(frame, part).value
            scalar = isinstance(value, Tensor) and value.shape.dims == ()
            if (not scalar and (is_dynamic(value) or not isinstance(value, Static))) or not rest:
                return UNKNOWN
            rest.pop(0)
    return Shape((*result, *rest))


def _leaves_last_axis(frame: Frame, parts: tuple[Expression, ...]) -> bool:
    """Whether an index of integers and whole axes leaves the last axis as it is. Without a rank,
    `x[:, 0]` is taken for the first step of a sequence."""
    if len(parts) < 2 or any(_is_literal(frame, p, ...) for p in parts):
        return False
    *_, last = parts
    whole = isinstance(last, Slice) and last.lower is last.upper is last.step is None
    first = parts[0]
    steps = isinstance(first, Slice) and first.lower is first.upper is first.step is None
    known = [
        isinstance(evaluate(frame, p).value, Static) for p in parts if not isinstance(p, Slice)
    ]
    return all(known) and (whole or (steps and len(parts) == 2))


def _is_literal(frame: Frame, node: Expression, wanted: Any) -> bool:
    match node:
        case Constant(value=value):
            return value is wanted
        case Symbol(path="tf.newaxis"):
            return wanted is None
        case _:
            return False


def _slice_size(frame: Frame, size: Dim | None, part: Slice) -> Dim | None:
    if part.lower is part.upper is part.step is None:
        return size
    if part.step is not None:
        step = known(evaluate(frame, part.step).value)
        if step is not None and step.value == -1 and part.lower is part.upper is None:
            return size
        if step is None or not isinstance(step.value, int) or step.value < 1 or size is None:
            return None
        if part.lower is part.upper is None:
            return size.ceil_div(Dim.of(step.value))
        return None
    lower = _bound(frame, part.lower, Dim.of(0), size)
    upper = _bound(frame, part.upper, size, size)
    return None if lower is None or upper is None else upper - lower


def _bound(
    frame: Frame, part: Expression | None, default: Dim | None, size: Dim | None
) -> Dim | None:
    if part is None:
        return default
    result = evaluate(frame, part)
    found = result.value.extent if isinstance(result.value, Static) else None
    if found is None:
        return None
    if found.constant is not None and found.constant < 0:
        return None if size is None else size + found
    return found
