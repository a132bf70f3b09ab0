"""Symbolic sizes: integer polynomials over atoms, in a normal form that makes equal sizes equal
values.

An atom is a static Python expression (`filters`, `input_shape[0]`), a quotient, maximum or minimum
of sizes, or a size that nothing tells but that is the same wherever it shows (the batch). Sizes are
positive integers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from .atoms import Atom, Extremum, Monomial, Quotient, Variable, order, taken
from .division import divide
from .kept import Kept
from .keys import key
from .nodes import Binary, Constant, Expression, Name
from .size_code import code_of


@dataclass(frozen=True, slots=True, repr=False)
class Dim(Kept):
    """A sum of coefficient * product of atoms; `terms` maps monomials to non-zero coefficients,
    sorted."""

    terms: tuple[tuple[Monomial, int], ...]
    _variables: tuple[Variable, ...] | None = field(default=None, init=False, compare=False)
    __hash__ = Kept.__hash__

    def _shown(self) -> str:
        return f"Dim(terms={self.terms!r})"

    def _compared(self) -> tuple[Hashable, ...]:
        return self.terms

    # -- construction

    @staticmethod
    def of(value: int) -> Dim:
        return Dim((((), value),)) if value else Dim(())

    @staticmethod
    def atom(atom: Atom) -> Dim:
        return Dim((((atom,), 1),))

    @staticmethod
    def variable(expression: Expression) -> Dim:
        return Dim.atom(Variable(key(expression), expression))

    @staticmethod
    def named(name: str) -> Dim:
        return Dim.variable(Name(name))

    @staticmethod
    def hidden(key: Hashable) -> Dim:
        """The size that only `key` tells apart from others."""
        return Dim.atom(Variable(key, Name("?"), hidden=True))

    @staticmethod
    def summed(table: Mapping[Monomial, int]) -> Dim:
        """The sum of these products, with their coefficients."""
        terms = [(m, c) for m, c in table.items() if c]
        if len(terms) > 1:
            terms.sort(key=lambda term: repr(term[0]))
        return Dim(tuple(terms))

    # -- queries

    @property
    def is_hidden(self) -> bool:
        """Whether a part of the size is one that no code can say."""
        return any(atom.hidden for atom in self.atoms())

    @property
    def constant(self) -> int | None:
        """The value if the size is a number."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def is_variable(self) -> bool:
        """Whether the size is one variable, and not computed of any."""
        match self.terms:
            case (((Variable(),), 1),):
                return True
            case _:
                return False

    def atoms(self) -> frozenset[Variable]:
        """All variables, those inside quotients included."""
        return frozenset(self.variables())

    def variables(self) -> tuple[Variable, ...]:
        """The same, in the order in which they are met."""
        if self._variables is None:
            found: dict[Variable, None] = {}
            for monomial, _ in self.terms:
                for atom in monomial:
                    match atom:
                        case Variable():
                            found[atom] = None
                        case Quotient(numerator, denominator):
                            inner = numerator.variables() + denominator.variables()
                            found |= dict.fromkeys(inner)
                        case Extremum(operands=operands):
                            found |= dict.fromkeys(v for o in operands for v in o.variables())
            object.__setattr__(self, "_variables", tuple(found))
        return self._variables or ()

    # -- arithmetic

    def __add__(self, other: Dim) -> Dim:
        if not other.terms:
            return self
        if not self.terms:
            return other
        table = dict(self.terms)
        for monomial, coefficient in other.terms:
            table[monomial] = table.get(monomial, 0) + coefficient
        return Dim.summed(table)

    def __neg__(self) -> Dim:
        return Dim(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Dim) -> Dim:
        return self + (-other)

    def __mul__(self, other: Dim) -> Dim:
        if other.terms == _ONE and _is_plain(self):
            return self
        if self.terms == _ONE and _is_plain(other):
            return other
        table: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                whole = _undivided(left + right, a * b)
                if whole is not None:
                    for monomial, c in whole.terms:
                        table[monomial] = table.get(monomial, 0) + c
                    continue
                monomial = tuple(sorted(left + right, key=order))
                table[monomial] = table.get(monomial, 0) + a * b
        return Dim.summed(table)

    def __floordiv__(self, other: Dim) -> Dim:
        return divide(self, other, ceiling=False)

    def ceil_div(self, other: Dim) -> Dim:
        return divide(self, other, ceiling=True)

    def exact_div(self, other: Dim) -> Dim:
        """The quotient of sizes that divide without rest in every valid program: times the divisor
        it is the whole again."""
        return divide(self, other, ceiling=False, exact=True)

    def __mod__(self, other: Dim) -> Dim:
        return self - other * (self // other)

    @staticmethod
    def extremum(function: str, *operands: Dim) -> Dim:
        unique = tuple(dict.fromkeys(operands))
        if len(unique) == 1:
            return unique[0]
        constants = [d.constant for d in unique]
        if all(c is not None for c in constants):
            values = [c for c in constants if c is not None]
            return Dim.of(max(values) if function == "max" else min(values))
        return Dim.atom(Extremum(function, tuple(sorted(unique, key=repr))))

    # -- substitution and printing

    def substitute(self, replace: Callable[[Variable], Dim | None]) -> Dim:
        """Replace variables; those for which `replace` gives None stay."""
        table = {v: new for v in self.variables() if (new := replace(v)) is not None}
        return self._replaced(table) if table else self

    def _replaced(self, table: Mapping[Variable, Dim]) -> Dim:
        if not any(v in table for v in self.variables()):
            return self
        total = Dim(())
        for monomial, coefficient in self.terms:
            product = Dim.of(coefficient)
            for atom in monomial:
                match atom:
                    case Variable():
                        product = product * (table.get(atom) or Dim.atom(atom))
                    case Quotient():
                        top, bottom = (
                            atom.numerator._replaced(table),
                            atom.denominator._replaced(table),
                        )
                        product = product * divide(
                            top, bottom, ceiling=atom.ceiling, exact=atom.exact
                        )
                    case Extremum():
                        parts = (d._replaced(table) for d in atom.operands)
                        product = product * Dim.extremum(atom.function, *parts)
            total = total + product
        return total

    def evaluate(self, values: Mapping[Hashable, int]) -> int | None:
        """The number, given numbers for variables by key; None when one is missing, or something
        is divided by 0."""
        total = 0
        for monomial, coefficient in self.terms:
            product: int = coefficient
            for atom in monomial:
                number = _number(atom, values)
                if number is None:
                    return None
                product *= number
            total += product
        return total

    def to_expression(self) -> Expression:
        """Python code for the size; ValueError for one with a hidden part."""
        return code_of(self)


_ONE = (((), 1),)


def _is_plain(size: Dim) -> bool:
    """Whether a factor of 1 changes nothing: exact quotients are looked at in each product."""
    return not any(isinstance(a, Quotient) and a.exact for m, _ in size.terms for a in m)


def _undivided(monomial: Monomial, coefficient: int) -> Dim | None:
    """The product without an exact quotient in it: (n / d) * d is n."""
    for index, atom in enumerate(monomial):
        match atom:
            case Quotient(denominator=Dim(terms=((below, divisor),)), exact=True):
                rest = taken(monomial[:index] + monomial[index + 1 :], below)
                if rest is not None and coefficient % divisor == 0:
                    whole = Dim(((tuple(sorted(rest, key=order)), coefficient // divisor),))
                    return whole * atom.numerator
            case _:
                pass
    return None


def _number(atom: Atom, values: Mapping[Hashable, int]) -> int | None:
    match atom:
        case Variable(key=name):
            return values.get(name)
        case Quotient(numerator, denominator, ceiling):
            top, bottom = numerator.evaluate(values), denominator.evaluate(values)
            if top is None or not bottom:
                return None
            return -(-top // bottom) if ceiling else top // bottom
        case Extremum(function, operands):
            numbers = [n for d in operands if (n := d.evaluate(values)) is not None]
            if len(numbers) < len(operands):
                return None
            return max(numbers) if function == "max" else min(numbers)


def from_expression(expression: Expression) -> Dim | None:
    """The size that a static integer expression denotes; None for a literal that is no integer."""
    match expression:
        case Constant(bool()):
            return None
        case Constant(int() as value):
            return Dim.of(value)
        case Constant():
            return None
        case Binary("+" | "-" | "*" | "//" as operator, left, right):
            a, b = from_expression(left), from_expression(right)
            if a is None or b is None:
                return None
            match operator:
                case "+":
                    return a + b
                case "-":
                    return a - b
                case "*":
                    return a * b
                case _:
                    return a // b
        case _:
            return Dim.variable(expression)


__all__ = ["Atom", "Dim", "Extremum", "Monomial", "Quotient", "Variable", "from_expression"]
