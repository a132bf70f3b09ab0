"""Arithmetic of Python numbers that are known as expressions."""

from __future__ import annotations

from ...ir.dims import Dim
from .values import UNKNOWN, Const, Real, Size, Value, dim_of, size

MOST_TERMS = 40
LARGEST_DIVISOR = 1024


def arithmetic(symbol: str, left: Value, right: Value) -> Value:
    """The result for two numbers, not both of which are literals."""
    a, b = dim_of(left), dim_of(right)
    if a is None or b is None:
        return _reals(symbol, left, right)
    sure = getattr(left, "sure", True) and getattr(right, "sure", True)
    found: Dim | None = None
    match symbol:
        case "+":
            found = a + b
        case "-":
            found = a - b
        case "*":
            found = a * b
        case "//" if b.constant != 0:
            found = a // b
        case "%" if b.constant != 0:
            found = a % b
        case "**" if b.constant == 2:
            found = a * a
        case "/" | "**" if sure:
            return _reals(symbol, left, right)
        case _:
            pass
    if found is None or len(found.terms) > MOST_TERMS:
        return UNKNOWN
    return size(found) if sure or found.constant is not None else Size(found, False)


def real(value: Value) -> Real | None:
    """A number as a fraction; None for what is no number, or may be none."""
    match value:
        case Real():
            return value
        case Const(bool()):
            return None
        case Const(float() as number):
            if number != number or number in (float("inf"), float("-inf")):
                return Real()
            top, below = number.as_integer_ratio()
            return Real(Dim.of(top), below) if below <= LARGEST_DIVISOR else Real()
        case Const(int()) | Size(_, True):
            return Real(dim_of(value))
        case _:
            return None


def _reals(symbol: str, left: Value, right: Value) -> Value:
    a, b = real(left), real(right)
    if a is None or b is None or symbol not in ("+", "-", "*", "/", "//", "%", "**"):
        return UNKNOWN
    if a.dim is None or b.dim is None:
        return Real()
    match symbol:
        case "+" | "-":
            one, other = a.dim * Dim.of(b.below), b.dim * Dim.of(a.below)
            return _fraction(one + other if symbol == "+" else one - other, a.below * b.below)
        case "*":
            return _fraction(a.dim * b.dim, a.below * b.below)
        case "/" if (number := b.dim.constant) is not None and number > 0:
            return _fraction(a.dim * Dim.of(b.below), a.below * number)
        case _:
            return Real()


def _fraction(top: Dim, below: int) -> Real:
    return Real(top, below) if len(top.terms) <= MOST_TERMS else Real()


def whole(value: Real, ceiling: bool = False) -> Value:
    """`int(value)`, `math.ceil(value)`: of what is not negative."""
    if value.dim is None or any(c < 0 for _, c in value.dim.terms):
        return UNKNOWN
    below = Dim.of(value.below)
    return size(value.dim.ceil_div(below) if ceiling else value.dim // below)
