"""Sizes that a static test chooses: `stride or patch_size`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....ir.dims import Dim
from ....ir.keys import same
from ....ir.nodes import Boolean, Compare, Conditional, Expression
from ...shapes.shapes import Shape
from ..values import Static, Tensor, Value


def first_of(values: Sequence[Value]) -> Dim | None:
    """`a or b`, of numbers: all but the last may be None."""
    sizes = [v.size if isinstance(v, Static) else None for v in values]
    last = values[-1]
    if not isinstance(last, Static) or last.kind is not int:
        return None
    codes = tuple(s.to_expression() for s in sizes if s is not None)
    return Dim.variable(Boolean("or", codes)) if len(codes) == len(sizes) else None


def inner_sizes_under_test(value: Tensor, a: Value, b: Value, test: Expression | None) -> Tensor:
    """The same of all sizes but the batch's and the last one."""
    shapes = [v.shape for v in (a, b) if isinstance(v, Tensor)]
    if test is None or value.shape.dims is None or len(shapes) < 2:
        return value
    dims = list(value.shape.dims)
    for axis in range(1, len(dims) - 1):
        first, second = (shape.axis(axis) for shape in shapes)
        if dims[axis] is not None or first is None or second is None:
            continue
        if not (first.is_hidden or second.is_hidden):
            dims[axis] = size_under(test, first, second)
    return replace(value, shape=Shape(tuple(dims)))


def size_under(test: Expression, then: Dim, otherwise: Dim) -> Dim:
    """`a if b != a else b` is `a`."""
    codes = then.to_expression(), otherwise.to_expression()
    match test:
        case Compare(left=left, operators=("!=" | "==" as operator,), comparators=(right,)):
            pairs = (left, right), (right, left)
            if any(same(codes[0], a) and same(codes[1], b) for a, b in pairs):
                return then if operator == "!=" else otherwise
        case _:
            pass
    return Dim.variable(Conditional(test, *codes))
