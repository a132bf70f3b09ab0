"""Arithmetic on compile-time constants."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ...rules.language.facts import Known

MAX_POWER = 64
MAX_BITS = 4096
MAX_SIZE = 10_000

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": lambda a, b: a is b if a is None or b is None else a == b and type(a) is type(b),
    "is not": lambda a, b: not COMPARE["is"](a, b),
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}
CALLS: dict[str, Callable[..., Any]] = {
    "len": len,
    "min": min,
    "max": max,
    "abs": abs,
    "sum": sum,
    "int": int,
    "float": float,
    "bool": bool,
    "tuple": tuple,
    "list": list,
    "sorted": sorted,
    "round": round,
}


def binary(symbol: str, left: object, right: object) -> Known | None:
    """None where Python would raise, or the result would be huge."""
    function = BINARY.get(symbol)
    if function is None or (symbol == "**" and not _small(right, MAX_POWER)):
        return None
    if symbol == "*" and isinstance(left, (str, tuple, list)) and not _small(right, MAX_SIZE):
        return None
    if isinstance(left, int) and left.bit_length() > MAX_BITS:
        return None
    try:
        return Known(function(left, right))
    except (TypeError, ValueError, ArithmeticError):
        return None


def _small(value: object, limit: int) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= limit


def compare(symbol: str, left: object, right: object) -> Known | None:
    try:
        return Known(bool(COMPARE[symbol](left, right)))
    except TypeError:
        return None


def call(name: str, arguments: Sequence[object]) -> Known | None:
    function = CALLS.get(name)
    if function is None:
        return None
    try:
        return Known(function(*arguments))
    except (TypeError, ValueError, ArithmeticError):
        return None


def reads_well(value: object) -> bool:
    """Whether a folded number may be printed: 0.9 may, 0.09999999999999998 may not."""
    return isinstance(value, (bool, int, str)) or (
        isinstance(value, float) and len(repr(value)) <= 12
    )
