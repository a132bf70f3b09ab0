"""What sizes are at least and at most, and what follows from that."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ...ir.dims import Atom, Dim, Extremum, Monomial, Quotient, Variable


@dataclass(frozen=True, slots=True)
class Bounds:
    """By keys of variables. `positive` holds numbers that became sizes of tensors; what is stated
    of a variable in `least` and `most` holds until it is taken back (None: nothing is)."""

    positive: set[Hashable] = field(default_factory=set[Hashable])
    least: dict[Hashable, int | None] = field(default_factory=dict[Hashable, "int | None"])
    most: dict[Hashable, int | None] = field(default_factory=dict[Hashable, "int | None"])

    def low(self, variable: Variable) -> int | None:
        """What the variable is never below."""
        plain = 1 if is_size(variable) or variable.key in self.positive else None
        stated = self.least.get(variable.key)
        return plain if stated is None else stated if plain is None else max(plain, stated)

    def high(self, variable: Variable) -> int | None:
        return self.most.get(variable.key)

    def allow(self, values: Mapping[Hashable, int]) -> bool:
        """Whether the numbers are within what is stated."""
        for key, value in values.items():
            low, high = self.least.get(key), self.most.get(key)
            if (low is not None and value < low) or (high is not None and value > high):
                return False
        return True


NO_BOUNDS = Bounds()


def is_size(variable: Variable) -> bool:
    """Whether the variable is the size of a tensor, and not any number."""
    key = cast(tuple[Any, ...], variable.key)
    return key[0] == "size"


def never_zero(difference: Dim, bounds: Bounds = NO_BOUNDS) -> bool:
    """Whether the polynomial has no zero for any values of its variables (sizes are at least 1)."""
    number = difference.constant
    if number is not None:
        return number != 0
    if at_most(difference, -1, bounds) or at_most(-difference, -1, bounds):
        return True
    divisor, offset = 0, 0
    for monomial, coefficient in difference.terms:
        if monomial:
            divisor = math.gcd(divisor, coefficient)
        else:
            offset = coefficient
    return offset % divisor != 0


def at_most(dim: Dim, bound: int, bounds: Bounds = NO_BOUNDS) -> bool:
    """Whether the polynomial is certainly not above the bound."""
    total = 0
    for monomial, coefficient in dim.terms:
        edge = _low(monomial, bounds) if coefficient < 0 else _high(monomial, bounds)
        if edge is None:
            return False
        total += coefficient * edge
    return total <= bound


def _low(monomial: Monomial, bounds: Bounds) -> int | None:
    """What a product is never below; its factors must not be negative."""
    low = 1
    for atom in monomial:
        least = lowest(atom, bounds)
        if least is None:
            return None
        low *= least
    return low


def _high(monomial: Monomial, bounds: Bounds) -> int | None:
    high = 1
    for atom in monomial:
        most = bounds.high(atom) if isinstance(atom, Variable) else None
        if most is None or lowest(atom, bounds) is None:
            return None
        high *= most
    return high


def lowest(atom: Atom, bounds: Bounds = NO_BOUNDS) -> int | None:
    """A non-negative number that the atom is never below; None when it may be negative."""
    match atom:
        case Variable():
            low = bounds.low(atom)
            return low if low is None or low >= 0 else None
        case Quotient(numerator, denominator, ceiling):
            if denominator.constant is None or denominator.constant <= 0:
                return None
            if not at_most(-numerator, 0, bounds):
                return None
            return 1 if ceiling and at_most(-numerator, -1, bounds) else 0
        case Extremum("max", operands):
            known = [d.constant for d in operands if d.constant is not None]
            best = max((c for c in known if c >= 0), default=None)
            if any(at_most(-d, -1, bounds) for d in operands):
                best = max(best or 0, 1)
            return best
        case Extremum(_, operands):
            if all(at_most(-d, -1, bounds) for d in operands):
                return 1
            return 0 if all(at_most(-d, 0, bounds) for d in operands) else None
