"""Sizes that may be unknown: arithmetic, and reading from arguments of shape functions."""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Any, cast

from ...ir.dims import Dim, from_expression
from ...ir.nodes import Argument as CallArgument
from ...ir.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    List,
    Name,
    Starred,
    Subscript,
    Tuple,
)
from .shapes import Shape, Size

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


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of tensors whose length is not known; `sizes` is static code for the list of their
    last sizes."""

    item: Shape
    sizes: Expression

    @property
    def first(self) -> Shape:
        """The shape of its first tensor."""
        if self.item.axis(-1) is not None:
            return self.item
        match self.sizes:
            case List(elements=(code, *_)) | Tuple(elements=(code, *_)) if not isinstance(
                code, Starred
            ):
                return self.item.with_last(from_expression(code))
            case _:
                first = Subscript(self.sizes, Constant(0))
                return self.item.with_last(Dim.variable(first))


def list_total(sizes: Expression) -> Size:
    """The sum of a list of sizes: what is listed one by one is added up one by one."""
    match sizes:
        case Binary(operator="+", left=left, right=right):
            return total([list_total(left), list_total(right)])
        case Binary(operator="*", left=List() as left, right=count):
            return times(list_total(left), from_expression(count))
        case List(elements=elements) | Tuple(elements=elements):
            return total(
                [
                    list_total(e.value) if isinstance(e, Starred) else from_expression(e)
                    for e in elements
                ]
            )
        case _:
            return Dim.variable(Call(Name("sum"), (CallArgument(sizes),)))


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
