"""Operators between values: numbers, sizes, sequences, tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...ir.nodes import (
    Expression,
)
from . import tensors
from .machine import Machine
from .numbers import arithmetic
from .templates import truth
from .tracked import Tracked, is_ellipsis, is_text, joined
from .values import (
    UNKNOWN,
    Const,
    Fixed,
    Frame,
    Listing,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)

UNROLL = 256


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}


def joined_text(m: Machine, parts: list[Value]) -> Value:
    known = [part for part in parts if isinstance(part, Const) and not is_ellipsis(part)]
    return UNKNOWN if len(known) < len(parts) else joined(known, m.trail.clock)


def binary(
    m: Machine, symbol: str, left: Value, right: Value, frame: Frame, e: Expression
) -> Value:
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        if m.library is not None:
            return m.library.binary(m, symbol, left, right, m.place(e, frame))
        return tensors.binary(m, symbol, left, right, m.place(e, frame))
    a, b = items_of(left), items_of(right)
    if a is not None or b is not None or isinstance(left, Listing):
        return _sequences(m, symbol, left, right)
    if symbol == "+" and is_text(left) and is_text(right):
        return joined_text(m, [left, right])
    one, other = const(left), const(right)
    if one is not ... and other is not ...:
        return _numbers(m, symbol, one, other)
    return arithmetic(symbol, left, right)


def _numbers(m: Machine, symbol: str, left: object, right: object) -> Value:
    function = OPERATORS.get(symbol)
    if function is None:
        return UNKNOWN
    huge = symbol in ("**", "*") and any(
        isinstance(v, (int, float)) and abs(v) > 10**6 for v in (left, right)
    )
    if huge and symbol == "**":
        return UNKNOWN
    if symbol == "*" and isinstance(left, (str, bytes)) and isinstance(right, int) and right > 1000:
        return UNKNOWN
    try:
        found = function(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN
    return Tracked(found, m.trail.clock) if type(found) is float else Const(found)


def _sequences(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    a, b = items_of(left), items_of(right)
    shape = any(isinstance(v, Fixed) and v.shape for v in (left, right))
    if shape and symbol in OPERATORS:
        count = len(a or b or ())
        one = a if a is not None else (left,) * count
        other = b if b is not None else (right,) * count
        if len(one) != len(other):
            return UNKNOWN
        pairs = zip(one, other, strict=True)
        return Fixed(tuple(arithmetic(symbol, x, y) for x, y in pairs), shape=True)
    if symbol == "+" and a is not None and b is not None:
        if isinstance(left, Listing) and isinstance(right, Listing):
            return Listing({"items": a + b})
        return Fixed(a + b)
    if symbol == "*":
        items, times = (a, integer(right)) if a is not None else (b, integer(left))
        if items is not None and times is not None and times * len(items) <= 4 * UNROLL:
            listed = isinstance(left, Listing) or isinstance(right, Listing)
            return Listing({"items": items * times}) if listed else Fixed(items * times)
    listed = isinstance(left, Listing) or isinstance(right, Listing)
    return Listing({"items": None}) if listed and symbol in "+*" else UNKNOWN


def negated(symbol: str, value: Value) -> Value:
    if isinstance(value, Tensor):
        return tensors.unary(value, symbol)
    if symbol == "not":
        flag = truth(value)
        if flag is None:
            items = items_of(value)
            flag = bool(items) if items is not None else None
        return UNKNOWN if flag is None else Const(not flag)
    constant = const(value)
    if isinstance(constant, (int, float)):
        return Const(
            -constant
            if symbol == "-"
            else ~constant
            if symbol == "~" and isinstance(constant, int)
            else constant
        )
    dim = dim_of(value)
    return size(-dim) if dim is not None and symbol == "-" else UNKNOWN
