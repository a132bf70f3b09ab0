"""Sizes that a static test chooses: `stride or patch_size`."""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.dims import Dim
from ....ir.nodes import Boolean
from ..values import Static, Value


def first_of(values: Sequence[Value]) -> Dim | None:
    """`a or b`, of numbers: all but the last may be None."""
    sizes = [v.size if isinstance(v, Static) else None for v in values]
    last = values[-1]
    if not isinstance(last, Static) or last.kind is not int:
        return None
    codes = tuple(s.to_expression() for s in sizes if s is not None)
    return Dim.variable(Boolean("or", codes)) if len(codes) == len(sizes) else None
