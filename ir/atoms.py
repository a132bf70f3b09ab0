"""What symbolic sizes are made of: variables, quotients and extrema, and products of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .kept import Kept
from .nodes import Expression

if TYPE_CHECKING:
    from .dims import Dim


@dataclass(frozen=True, slots=True, repr=False)
class Variable(Kept):
    """A static expression that stands for a size, compared by structure. `hidden`: a size that no
    code can say, only compare; it cancels against itself."""

    key: Hashable
    expression: Expression = field(compare=False, repr=False)
    hidden: bool = False
    __hash__ = Kept.__hash__

    def _shown(self) -> str:
        return f"Variable(key={self.key!r}, hidden={self.hidden!r})"

    def _compared(self) -> tuple[Hashable, ...]:
        return self.key, self.hidden


@dataclass(frozen=True, slots=True, repr=False)
class Quotient(Kept):
    """Floor division; `ceiling` sizes are written -(-n // d) and kept as their own kind for
    readable output. `exact`: the program is only valid if nothing is left over."""

    numerator: Dim
    denominator: Dim
    ceiling: bool = False
    exact: bool = field(default=False, compare=False)
    __hash__ = Kept.__hash__

    def _shown(self) -> str:
        parts = (
            *(f"numerator={self.numerator!r}", f"denominator={self.denominator!r}"),
            *(f"ceiling={self.ceiling!r}", f"exact={self.exact!r}"),
        )
        return f"Quotient({', '.join(parts)})"

    def _compared(self) -> tuple[Hashable, ...]:
        return self.numerator, self.denominator, self.ceiling


@dataclass(frozen=True, slots=True, repr=False)
class Extremum(Kept):
    """`function` is "max" or "min"."""

    function: str
    operands: tuple[Dim, ...]
    __hash__ = Kept.__hash__

    def _shown(self) -> str:
        return f"Extremum(function={self.function!r}, operands={self.operands!r})"

    def _compared(self) -> tuple[Hashable, ...]:
        return self.function, self.operands


Atom = Variable | Quotient | Extremum
Monomial = tuple[Atom, ...]


def order(atom: Atom) -> str:
    return repr(atom)


def taken(monomial: Monomial, factors: Monomial) -> Monomial | None:
    """The monomial without some of its factors; None if it lacks one."""
    rest = list(monomial)
    for factor in factors:
        if factor not in rest:
            return None
        rest.remove(factor)
    return tuple(rest)
