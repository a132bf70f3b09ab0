"""Results of a callee in the caller's terms: parameters replaced by the arguments of one call."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.dims import Dim, Variable, from_expression
from ...ir.nodes import (
    Constant,
    Expression,
    Name,
    Node,
    Subscript,
    Tuple,
    Unary,
    map_children,
    walk,
)
from ..shapes.shapes import Shape, Size
from .values import Mapped, Sequence, ShapeOf, Static, Tensor, Value


def substitute_code(code: Expression, arguments: Mapping[str, Expression]) -> Expression | None:
    """`code` with names replaced; None when it mentions a name that is no parameter."""
    if any(isinstance(n, Name) and n.id not in arguments for n in walk(code)):
        return None

    def visit(node: Node) -> Node:
        if isinstance(node, Name):
            return arguments[node.id]
        return element(map_children(node, visit))

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def element(node: Node) -> Node:
    """`(h, w, c)[0]` is `h`."""
    match node:
        case Subscript(value=Tuple(elements=elements), index=Constant(value=int() as index)):
            return elements[index] if -len(elements) <= index < len(elements) else node
        case Subscript(
            value=Tuple(elements=elements),
            index=Unary(operator="-", operand=Constant(value=int() as index)),
        ):
            return elements[-index] if 0 < index <= len(elements) else node
        case _:
            return node


def substitute_size(
    size: Size, sizes: Mapping[str, Size], arguments: Mapping[str, Expression]
) -> Size:
    """A size of the callee in the caller's terms; None where that cannot be said."""
    if size is None:
        return None
    failed = False

    def replace(variable: Variable) -> Dim | None:
        nonlocal failed
        if isinstance(variable.expression, Name) and variable.expression.id in sizes:
            found = sizes[variable.expression.id]
            if found is not None:
                return found
            failed = True
            return None
        code = substitute_code(variable.expression, arguments)
        if code is None:
            failed = True
            return None
        found = from_expression(code)
        failed = failed or found is None
        return found

    result = size.substitute(replace)
    return None if failed else result


def substitute_value(
    value: Value, sizes: Mapping[str, Size], arguments: Mapping[str, Expression]
) -> Value:
    match value:
        case Tensor(shape=shape, dtype=dtype):
            return Tensor(_shape(shape, sizes, arguments), dtype)
        case ShapeOf(shape=shape):
            return ShapeOf(_shape(shape, sizes, arguments))
        case Sequence(kind=kind, items=items, item=item):
            return Sequence(
                kind,
                None
                if items is None
                else tuple(substitute_value(v, sizes, arguments) for v in items),
                None if item is None else substitute_value(item, sizes, arguments),
            )
        case Mapped(entries=entries):
            return Mapped({k: substitute_value(v, sizes, arguments) for k, v in entries.items()})
        case Static(constant=constant, kind=kind, size=size):
            return Static(constant, kind, substitute_size(size, sizes, arguments))
        case _:
            return value


def _shape(shape: Shape, sizes: Mapping[str, Size], arguments: Mapping[str, Expression]) -> Shape:
    if shape.dims is not None:
        return Shape(tuple(substitute_size(d, sizes, arguments) for d in shape.dims))
    base = None if shape.base is None else substitute_code(shape.base, arguments)
    return Shape(None, substitute_size(shape.last, sizes, arguments), base)
