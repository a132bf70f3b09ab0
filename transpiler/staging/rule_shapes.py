"""What rules say of shapes, told of the values of one run."""
# pyright: basic

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ir.dims import Dim, from_expression
from ...ir.nodes import (
    Attribute,
    Call,
    Expression,
    List,
    Name,
    Node,
    Subscript,
    Symbol,
    Tuple,
    map_children,
    walk,
)
from ...rules.language.facts import literal
from ..rewrite.shapes import BoundShape
from ..shapes import shape_rules
from ..shapes.shape_sizes import ListOf
from ..shapes.shapes import UNKNOWN, Led, Shape, Whole
from .evaluation.facts import RecordedFacts
from .values import Sequence, ShapeOf, Static, Tensor, Value, Weight, integer, is_dynamic


class RuleShapes:
    """Shape functions applied to arguments as code writes them."""

    def __init__(self, facts: RecordedFacts) -> None:
        self.facts = facts

    def argument(self, code: Expression, overrides: Mapping[int, Shape]) -> Any:
        """An argument of a shape function: `Shape`, number, `Dim`, list of such, or None."""
        if id(code) in overrides:
            return overrides[id(code)]
        value = self.facts.value(code)
        if value is not None and not isinstance(value, Static):
            return shape_argument(value)
        if isinstance(value, Static):
            if value.constant is not None:
                return value.constant.value
            if value.extent is not None and not isinstance(code, (Tuple, List)):
                return value.extent
        found = literal(code)
        if found is not None:
            return found.value
        if isinstance(code, (Tuple, List)):
            return [self.argument(e, overrides) for e in code.elements]
        if isinstance(code, Call) and isinstance(code.function, Attribute):
            return None
        return self._size_in_code(code)

    def _size_in_code(self, code: Expression) -> Dim | None:
        """The size that template code denotes; `x.shape[-1]` of a known tensor is its size."""

        def visit(node: Node) -> Node:
            match node:
                case Subscript(value=Attribute(value=owner, attribute="shape"), index=index):
                    value, axis = self.facts.value(owner), literal(index)
                    if (
                        isinstance(value, (Tensor, Weight))
                        and axis is not None
                        and isinstance(axis.value, int)
                    ):
                        size = value.shape.size(axis.value)
                        return size.to_expression() if size is not None else Name("?")
                    return node
                case _:
                    return map_children(node, visit)

        static = visit(code)
        assert isinstance(static, Expression)
        for node in walk(static):
            if isinstance(node, Name):
                value = self.facts.value(node)
                if node.id == "?" or (value is not None and is_dynamic(value)):
                    return None
        return from_expression(static)

    def shape(self, bound: BoundShape | None, overrides: Mapping[int, Shape]) -> Value | None:
        if bound is None:
            return None
        dtype = self._dtype(bound.dtype)
        arguments = [self.argument(a, overrides) for a in bound.arguments]
        if bound.function == "shape_of":
            return ShapeOf(
                arguments[0] if arguments and isinstance(arguments[0], Shape) else UNKNOWN
            )
        if bound.function == "pattern":
            sizes = arguments[0] if arguments else None
            return Tensor(
                shape_rules.of(sizes) if isinstance(sizes, (list, tuple)) else UNKNOWN, dtype
            )
        if bound.function in ("any", "unknown"):
            return Tensor(UNKNOWN, dtype)
        if bound.function == "same_as":
            found = self.facts.value(bound.arguments[0])
            return found if found is not None else Tensor(UNKNOWN, dtype)
        function = shape_rules.FUNCTIONS.get(bound.function)
        if function is None:
            return Tensor(UNKNOWN, dtype)
        keywords = {n: self.argument(a, overrides) for n, a in bound.keywords.items()}
        try:
            result: Any = function(*arguments, **keywords)
        except (TypeError, ValueError, IndexError):
            return Tensor(UNKNOWN, dtype)
        return shape_value(result, dtype)

    def _dtype(self, given: Expression | str | None) -> str | None:
        if isinstance(given, str) or given is None:
            return given
        if isinstance(given, Symbol):
            return given.path.rsplit(".", 1)[-1]
        value = self.facts.value(given)
        return value.dtype if isinstance(value, (Tensor, Weight)) else None


def shape_argument(value: Value) -> Any:
    """A value as the shape functions take it."""
    match value:
        case Tensor(shape=shape) | Weight(shape=shape):
            return shape
        case Sequence(items=items) if items is not None:
            return [shape_argument(v) for v in items]
        case Sequence(item=Tensor(shape=shape), shadow=Expression() as sizes):
            return ListOf(shape, sizes)
        case Sequence(tail=(*_, Static() as last)) if last.extent not in (None, Dim.of(-1)):
            return Whole(Shape(None, last.extent))
        case ShapeOf(shape=shape, inner=inner):
            if inner is not None and shape.lead is not None:
                return Led(shape.lead, inner)
            if shape.dims is not None:
                return list(shape.dims)
            return None if shape == UNKNOWN else Whole(shape)
        case Static(constant=constant, extent=extent):
            return constant.value if constant is not None else extent
        case _:
            return None


def shape_value(result: Any, dtype: str | None) -> Value:
    """The value that a shape function's result describes: one tensor, or several."""
    match result:
        case Shape():
            return Tensor(result, dtype)
        case Dim():
            return integer(result)
        case list() | tuple():
            return Sequence(
                "list" if isinstance(result, list) else "tuple",
                tuple(shape_value(r, dtype) for r in result),
            )
        case _:
            return Tensor(UNKNOWN, dtype)
