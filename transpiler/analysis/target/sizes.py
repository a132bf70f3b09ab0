"""Arrays by their sizes."""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.dims import Dim
from ..values import (
    UNKNOWN,
    Tensor,
)
from .use import (
    Use,
    array,
)


def product(dims: Sequence[Dim]) -> Dim:
    total = Dim.of(1)
    for d in dims:
        total = total * d
    return total


def typed(x: Tensor, dims: Sequence[Dim] | None) -> Tensor:
    """A tensor of these sizes and of the dtype of `x`."""
    return Tensor(None if dims is None else tuple(dims), x.dtype, weak=x.weak)


def first_array(use: Use) -> Tensor:
    return array(use.m, next(iter(use.bound.values()), UNKNOWN))
