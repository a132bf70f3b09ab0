"""Quotients of symbolic sizes: what divides is divided, and the rest kept as a quotient.

Sizes are positive integers, which the laws rely on: floor(floor(n / a) / b) = floor(n / (a b)),
floor(n a / (d a)) = floor(n / d).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .atoms import Atom, Monomial, Quotient, order, taken

if TYPE_CHECKING:
    from .dims import Dim


def divide(size: Dim, other: Dim, *, ceiling: bool, exact: bool = False) -> Dim:
    """The quotient in its normal form."""
    made = type(size)
    if size == other:
        return made.of(1)
    common = _common_factor(size, other)
    if common:
        below = _without(other, common)
        return divide(_without(size, common), below, ceiling=ceiling, exact=exact)
    divisor, value = other.constant, size.constant
    shared = math.gcd(*(c for _, c in (*size.terms, *other.terms)))
    if divisor is None and shared > 1:
        below = other // made.of(shared)
        return divide(size // made.of(shared), below, ceiling=ceiling, exact=exact)
    if divisor == 1:
        return size
    if divisor:
        if value is not None:
            return made.of(-(-value // divisor) if ceiling else value // divisor)
        if all(c % divisor == 0 for _, c in size.terms):
            return made(tuple((m, c // divisor) for m, c in size.terms))
        whole = made(tuple((m, c) for m, c in size.terms if c % divisor == 0))
        if whole.terms and whole.terms != size.terms:
            rest = divide(size - whole, other, ceiling=ceiling)
            return divide(whole, other, ceiling=ceiling) + rest
        match size.terms:
            case (((Quotient(numerator, denominator, kind),), 1),) if kind == ceiling:
                return divide(numerator, denominator * other, ceiling=ceiling)
            case _:
                pass
    whole = _whole_quotient(size, other) if len(other.terms) > 1 else None
    if whole is not None:
        return whole
    multiple = _multiple(size, other) if divisor is None else None
    if multiple is not None and multiple.terms:
        # (n - k) // k is n // k - 1.
        rest = divide(size - multiple * other, other, ceiling=ceiling, exact=exact)
        return multiple + rest
    return made.atom(Quotient(size, other, ceiling, exact))


def _multiple(size: Dim, divisor: Dim) -> Dim | None:
    """How often the terms of a size that a product divides contain it."""
    if len(divisor.terms) != 1:
        return None
    ((below, count),) = divisor.terms
    found = size.of(0)
    for monomial, coefficient in size.terms:
        rest = taken(monomial, below)
        if rest is not None and coefficient % count == 0:
            found = found + type(size)(((rest, coefficient // count),))
    return found


def _whole_quotient(size: Dim, divisor: Dim) -> Dim | None:
    """The quotient of two sums of products where there is no rest; None where there may be one.

    Long division by the leading term; a product leads another of lower degree, or that comes after
    it in the order of names.
    """

    def rank(term: tuple[Monomial, int]) -> tuple[int, list[str]]:
        return len(term[0]), sorted(map(order, term[0]))

    above, below = max(divisor.terms, key=rank)
    quotient, rest = size.of(0), size
    for _ in range(len(size.terms)):
        if not rest.terms:
            return quotient
        monomial, coefficient = max(rest.terms, key=rank)
        left = taken(monomial, above)
        if left is None or coefficient % below:
            return None
        part = type(size)(((left, coefficient // below),))
        quotient, rest = quotient + part, rest - part * divisor
    return None if rest.terms else quotient


def _common_factor(left: Dim, right: Dim) -> Monomial:
    """The atoms that all terms of both have in common."""
    monomials = [m for m, _ in (*left.terms, *right.terms)]
    if not left.terms or not right.terms:
        return ()
    common: list[Atom] = []
    for atom in monomials[0]:
        if all(taken(m, (*common, atom)) is not None for m in monomials):
            common.append(atom)
    return tuple(common)


def _without(size: Dim, factors: Monomial) -> Dim:
    return size.summed({taken(m, factors) or (): c for m, c in size.terms})
