"""Variables of `__init__` that hold the sizes of tensors after branches."""

from __future__ import annotations

from dataclasses import replace

from ...ir.dims import Dim
from ...ir.nodes import Assign, Name, Statement
from ..shapes.shapes import Shape
from .frame import shadow_name
from .nodes import Optional
from .values import Tensor, Value


def with_shadows(name: str, joined: Value, sources: list[tuple[Value, list[Statement]]]) -> Value:
    """Gives the unknown sizes of a joined tensor a shadow variable, assigned at the end of each
    branch's `__init__` code.

    `sources` are the value and the statement list of each branch.
    """
    if not isinstance(joined, Tensor) or not all(isinstance(v, Tensor) for v, _ in sources):
        return joined
    shapes = [v.shape for v, _ in sources if isinstance(v, Tensor)]
    if joined.shape.dims is None:
        lasts = [s.size(-1) for s in shapes]
        if joined.shape.last is not None or any(d is None for d in lasts):
            return joined
        shadow = shadow_name(name, -1, 0)
        for (_, statements), last in zip(sources, lasts, strict=True):
            add_shadow(statements, shadow, last)
        return replace(joined, shape=Shape(None, Dim.named(shadow)))
    rank = len(joined.shape.dims)
    dims = list(joined.shape.dims)
    for axis, size in enumerate(dims):
        found = [s.size(axis) for s in shapes]
        if size is None and all(d is not None for d in found):
            shadow = shadow_name(name, axis, rank)
            for (_, statements), d in zip(sources, found, strict=True):
                add_shadow(statements, shadow, d)
            dims[axis] = Dim.named(shadow)
    return replace(joined, shape=Shape(tuple(dims)))


def add_shadow(statements: list[Statement], name: str, size: Dim | None) -> None:
    if size is not None and size != Dim.named(name):
        statements.append(Optional(Assign((Name(name),), size.to_expression()), (name,)))
