"""Variables of `__init__` that hold the sizes of tensors after branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...ir.dims import Dim
from ...ir.nodes import Assign, Name, Statement, Tuple, walk
from ..shapes.shapes import Shape
from .frame import shadow_name
from .nodes import Optional
from .values import Tensor, Value

Source = tuple[Value, dict[str, Dim]]
"""What a variable is at the end of a branch, and what size variables take there."""


def with_shadows(name: str, joined: Value, sources: list[Source]) -> Value:
    """Gives the unknown sizes of a joined tensor a shadow variable, assigned at the end of each
    branch's `__init__` code."""
    if not isinstance(joined, Tensor) or not all(isinstance(v, Tensor) for v, _ in sources):
        return joined
    shapes = [v.shape for v, _ in sources if isinstance(v, Tensor)]
    if joined.shape.dims is None:
        lasts = [s.size(-1) for s in shapes]
        if joined.shape.last is not None or any(d is None for d in lasts):
            return joined
        shadow = shadow_name(name, -1, 0)
        _take(shadow, lasts, sources)
        return replace(joined, shape=Shape(None, Dim.named(shadow)))
    rank = len(joined.shape.dims)
    dims = list(joined.shape.dims)
    for axis, size in enumerate(dims):
        found = [s.size(axis) for s in shapes]
        if size is None and all(d is not None for d in found):
            shadow = shadow_name(name, axis, rank)
            _take(shadow, found, sources)
            dims[axis] = Dim.named(shadow)
    return replace(joined, shape=Shape(tuple(dims)))


def _take(
    shadow: str, sizes: list[Dim | None], sources: list[tuple[Value, dict[str, Dim]]]
) -> None:
    for size, (_, taken) in zip(sizes, sources, strict=True):
        if size is not None and size != Dim.named(shadow):
            taken[shadow] = size


def add_shadow(statements: list[Statement], name: str, size: Dim | None) -> None:
    if size is not None and size != Dim.named(name):
        statements.append(Optional(Assign((Name(name),), size.to_expression()), (name,)))


def at_once(assigned: Mapping[str, Dim]) -> list[Statement]:
    """Variables that take new sizes together: each before those that it reads take theirs."""
    found: list[Statement] = []
    left = dict(assigned)
    while left:
        # One that no other reads any more.
        free = [n for n in left if not _is_read(n, [d for o, d in left.items() if o != n])]
        if not free:
            targets = tuple(Name(name) for name in left)
            values = tuple(size.to_expression() for size in left.values())
            together = Assign((Tuple(targets),), Tuple(values))
            return [*found, Optional(together, tuple(left))]
        add_shadow(found, free[0], left.pop(free[0]))
    return found


def _is_read(name: str, sizes: Iterable[Dim]) -> bool:
    codes = (size.to_expression() for size in sizes)
    return any(isinstance(n, Name) and n.id == name for code in codes for n in walk(code))
