"""Initializers that scale by the fans of an array, for vectors and scalars.

Keras takes the size of a vector for both its fans; JAX refuses to choose axes. Without any axis the
whole vector is its field, which is the same.
"""

from __future__ import annotations

from typing import TypeVar

from ...ir.nodes import (
    Argument,
    Call,
    Expression,
    List,
    Module,
    Node,
    Starred,
    Symbol,
    Tuple,
    map_children,
    replace_node,
)

N = TypeVar("N", bound=Node)
INITIALIZERS = "flax.nnx.initializers."
BY_FANS = frozenset(
    INITIALIZERS + name
    for name in (
        *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal"),
        *("lecun_uniform", "lecun_normal", "variance_scaling"),
    )
)
OF_VECTORS = ("bias_init", "scale_init")
"""Arguments of layers that initialize a vector."""


def with_vector_fans(module: Module) -> Module:
    """The module with axes for those that JAX could not choose."""
    return _visit(module)


def _visit(node: N) -> N:
    node = map_children(node, _visit)
    match node:
        case Call(function=Call() as made, arguments=(_, Argument(keyword=None, value=shape), *_)):
            if _is_short(shape) and _is_by_fans(made):
                return replace_node(node, function=_without_axes(made))
        case Argument(keyword=keyword, value=Call() as made) if keyword in OF_VECTORS:
            if _is_by_fans(made):
                return replace_node(node, value=_without_axes(made))
        case _:
            pass
    return node


def _is_short(shape: Expression) -> bool:
    """Whether a shape is written as that of a vector or a scalar: `(*sizes,)` may be any."""
    if not isinstance(shape, Tuple | List) or len(shape.elements) > 1:
        return False
    return not any(isinstance(element, Starred) for element in shape.elements)


def _is_by_fans(made: Call) -> bool:
    named = isinstance(made.function, Symbol) and made.function.path in BY_FANS
    return named and not any(a.keyword in ("in_axis", "out_axis") or a.star for a in made.arguments)


def _without_axes(made: Call) -> Call:
    none = (Argument(Tuple(()), "in_axis"), Argument(Tuple(()), "out_axis"))
    return replace_node(made, arguments=(*made.arguments, *none))
