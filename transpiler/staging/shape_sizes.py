"""Sizes that may be unknown: arithmetic, and reading from arguments of shape functions."""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from .shapes import Size

Argument = Any


def size_of(value: Argument) -> Size:
    """A size from a Python integer, a `Dim`, or something unknown."""
    if isinstance(value, Dim):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Dim.of(value)
    return None


def sizes_of(value: Argument, count: int) -> tuple[Size, ...]:
    """`count` sizes from one integer or a sequence of them."""
    if isinstance(value, (tuple, list)):
        items = tuple(size_of(v) for v in cast(Many[Any], value))
        return items if len(items) == count else (None,) * count
    return (size_of(value),) * count


def product(dims: Many[Size]) -> Size:
    total = Dim.of(1)
    for d in dims:
        if d is None:
            return None
        total = total * d
    return total


def total(dims: Many[Size]) -> Size:
    total = Dim.of(0)
    for d in dims:
        if d is None:
            return None
        total = total + d
    return total


def times(a: Size, b: Size) -> Size:
    return None if a is None or b is None else a * b


def plus(a: Size, *others: Size) -> Size:
    for b in others:
        a = None if a is None or b is None else a + b
    return a
