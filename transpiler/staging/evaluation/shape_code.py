"""Shapes as code of the constructor, where every size is known or a parameter."""

from __future__ import annotations

from ....ir.nodes import Constant, Expression, List, Starred, Tuple
from ...shapes.shapes import Shape
from ..values import Sequence, ShapeOf, Value


def holds_shapes(value: Value) -> bool:
    """The shape of an input, or those of several."""
    match value:
        case ShapeOf():
            return True
        case Sequence(items=items, item=item):
            parts = [*(items or ()), *([item] if item is not None else [])]
            return bool(parts) and all(holds_shapes(p) for p in parts)
        case _:
            return False


def shapes_code(value: Value) -> Expression | None:
    """`__init__` code for shapes whose sizes are parameters; the batch is unknown."""
    match value:
        case ShapeOf(shape=shape):
            code = shape_code(shape)
            if code is None and shape.base is not None:
                return Tuple((Constant(None), Starred(shape.base)))
            return code
        case Sequence(kind=kind, items=items) if items is not None:
            codes = [shapes_code(item) for item in items]
            parts = tuple(c for c in codes if c is not None)
            if len(parts) < len(codes):
                return None
            return Tuple(parts) if kind == "tuple" else List(parts)
        case Sequence(shadow=shadow):
            return shadow
        case _:
            return None


def shape_code(shape: Shape) -> Expression | None:
    """`__init__` code for a whole shape; None if a size is unknown."""
    sizes = shape.sizes
    if sizes is None or any(d is None for d in sizes):
        return None
    return Tuple(tuple(d.to_expression() for d in sizes if d is not None))
