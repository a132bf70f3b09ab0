"""API calls over shapes and sizes. In JAX these are Python tuples and integers: under `jit`, a
shape must not become an array."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.dims import Dim
from ....ir.nodes import Expression, List, OpCall, Starred, Tuple
from ...shapes.shape_sizes import product
from ...shapes.shapes import UNKNOWN, Shape, Size
from ..frame import Result
from ..values import Sequence, ShapeOf, Static, Tensor, Value, Weight, integer


def shape_call(node: OpCall, results: Mapping[str, Result]) -> Result | None:
    """The call as one of a tuple of sizes, if it is that; the code is None where the rule's will
    do."""
    match node.symbol:
        case "tf.concat" | "keras.ops.concatenate" | "keras.backend.concatenate":
            given = results.get("values") or results.get("xs") or results.get("tensors")
            return None if given is None else _joined(node, given)
        case "tf.stack" | "keras.ops.stack" | "keras.backend.stack":
            given = results.get("values") or results.get("x")
            return None if given is None else _stacked(node, given)
        case _:
            return None


def shape_value(node: OpCall, results: Mapping[str, Result]) -> Value | None:
    """What a call gives that its rule writes over a shape: its parts, their product."""
    first = next(iter(results.values()), None)
    match node.symbol, first:
        case "tf.unstack" | "keras.ops.unstack", Result(value=ShapeOf() as value):
            return value
        case "tf.unstack" | "keras.ops.unstack", Result(value=value) if shape_sizes(value):
            return value
        case "tf.reduce_prod", Result(value=value) if len(results) == 1:
            sizes = shape_sizes(value)
            return None if sizes is None else integer(product(sizes))
        case "tf.rank" | "keras.backend.ndim" | "keras.ops.ndim", Result(
            value=Tensor(shape=Shape(dims=tuple() as dims))
        ):
            return integer(Dim.of(len(dims)))
        case "tf.size", Result(value=Tensor(shape=shape) | Weight(shape=shape)):
            return None if shape.dims is None else integer(product(shape.dims))
        case _:
            return None


def shape_sizes(value: Value) -> list[Size] | None:
    """The integers of a shape or of a list of sizes."""
    match value:
        case ShapeOf(shape=Shape(dims=dims)) if dims is not None:
            return list(dims)
        case Sequence(items=items) if items is not None and all(_is_integer(i) for i in items):
            return [i.extent for i in items if isinstance(i, Static)]
        case _:
            return None


def _is_integer(value: Value) -> bool:
    return isinstance(value, Static) and (value.kind is int or value.extent is not None)


def _is_shape(value: Value) -> bool:
    match value:
        case ShapeOf():
            return True
        case Sequence(items=items) if items is not None:
            # Beside a shape, an entry of a configuration is a size.
            return all(isinstance(i, Static) and i.kind in (None, int) for i in items)
        case _:
            return _of_any_length(value)


def _of_any_length(value: Value) -> bool:
    """Whether a value is a shape, or a part of one."""
    match value:
        case ShapeOf():
            return True
        case Sequence(items=None, item=Static(kind=kind)):
            return kind is int
        case _:
            return False


def repeated_sizes(first: Sequence, rest: Sequence) -> ShapeOf | None:
    """`(n,) + (1,) * count`: a shape of unknown rank whose last size is known."""
    item = rest.item
    if rest.items is not None or not isinstance(item, Static) or item.extent is None:
        return None
    return None if shape_sizes(first) is None else ShapeOf(Shape(None, item.extent))


def followed_by(value: ShapeOf, more: list[Size]) -> ShapeOf:
    """More sizes after those of a tensor of unknown rank."""
    inner = (*(value.inner or ()), *more)
    shape = value.shape
    return ShapeOf(Shape(None, inner[-1] if inner else None, None, shape.lead), inner)


def _joined(node: OpCall, given: Result) -> Result | None:
    """`tf.concat([tf.shape(x)[:-1], [n]], 0)`: `(*x.shape[:-1], n)`."""
    match given:
        case Result(
            value=Sequence(items=items), dynamic=Tuple(elements=codes) | List(elements=codes)
        ):
            pass
        case _:
            return None
    if items is None or len(items) != len(codes):
        return None
    if not all(map(_is_shape, items)) or not any(map(_of_any_length, items)):
        return None
    parts: list[Expression] = []
    for code in codes:
        parts.extend(code.elements if isinstance(code, (Tuple, List)) else (Starred(code),))
    found = [shape_sizes(i) for i in items]
    value: Value = ShapeOf(UNKNOWN)
    first = items[0]
    if isinstance(first, ShapeOf) and first.inner is not None and None not in found[1:]:
        value = followed_by(first, [d for f in found[1:] if f is not None for d in f])
    elif all(f is not None for f in found):
        value = ShapeOf(Shape(tuple(d for f in found if f is not None for d in f)))
    return Result(value, Tuple(tuple(parts), span=node.span), None)


def _stacked(node: OpCall, given: Result) -> Result | None:
    """`tf.stack([tf.shape(x)[0], n])`: the list."""
    match given.value:
        case Sequence(items=items) if items and all(_is_integer(i) for i in items):
            if any(isinstance(i, Static) and i.hidden is not None for i in items):
                return Result(given.value, given.dynamic, None)
        case _:
            pass
    return None
