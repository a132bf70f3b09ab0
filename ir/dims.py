"""Symbolic sizes: integer polynomials over atoms, in a normal form that makes equal sizes equal
values.

An atom is a static Python expression (`filters`, `input_shape[0]`), a quotient, maximum or minimum
of sizes, or a size that nothing tells but that is the same wherever it shows (the batch). Sizes are
positive integers, which the quotient laws below rely on: floor(floor(n / a) / b) = floor(n / (a
b)), floor(n a / (d a)) = floor(n / d).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from .kept import Kept
from .keys import key
from .nodes import Argument, Binary, Call, Constant, Expression, Name, Unary


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


def _order(atom: Atom) -> str:
    return repr(atom)


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
        return _normal(table)

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
                monomial = tuple(sorted(left + right, key=_order))
                table[monomial] = table.get(monomial, 0) + a * b
        return _normal(table)

    def __floordiv__(self, other: Dim) -> Dim:
        return self._divide(other, ceiling=False)

    def ceil_div(self, other: Dim) -> Dim:
        return self._divide(other, ceiling=True)

    def exact_div(self, other: Dim) -> Dim:
        """The quotient of sizes that divide without rest in every valid program: times the divisor
        it is the whole again."""
        return self._divide(other, ceiling=False, exact=True)

    def _divide(self, other: Dim, *, ceiling: bool, exact: bool = False) -> Dim:
        if self == other:
            return Dim.of(1)
        common = _common_factor(self, other)
        if common:
            return _without(self, common)._divide(
                _without(other, common), ceiling=ceiling, exact=exact
            )
        divisor, value = other.constant, self.constant
        shared = math.gcd(*(c for _, c in (*self.terms, *other.terms)))
        if divisor is None and shared > 1:
            return (self // Dim.of(shared))._divide(
                other // Dim.of(shared), ceiling=ceiling, exact=exact
            )
        if divisor == 1:
            return self
        if divisor:
            if value is not None:
                return Dim.of(-(-value // divisor) if ceiling else value // divisor)
            if all(c % divisor == 0 for _, c in self.terms):
                return Dim(tuple((m, c // divisor) for m, c in self.terms))
            whole = Dim(tuple((m, c) for m, c in self.terms if c % divisor == 0))
            if whole.terms and whole.terms != self.terms:
                return whole._divide(other, ceiling=ceiling) + (self - whole)._divide(
                    other, ceiling=ceiling
                )
            match self.terms:
                case (((Quotient(numerator, denominator, kind),), 1),) if kind == ceiling:
                    return numerator._divide(denominator * other, ceiling=ceiling)
                case _:
                    pass
        whole = _whole_quotient(self, other) if len(other.terms) > 1 else None
        if whole is not None:
            return whole
        multiple = _multiple(self, other) if divisor is None else None
        if multiple is not None and multiple.terms:
            # (n - k) // k is n // k - 1.
            rest = (self - multiple * other)._divide(other, ceiling=ceiling, exact=exact)
            return multiple + rest
        return Dim.atom(Quotient(self, other, ceiling, exact))

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
                        product = product * top._divide(
                            bottom, ceiling=atom.ceiling, exact=atom.exact
                        )
                    case Extremum():
                        parts = (d._replaced(table) for d in atom.operands)
                        product = product * Dim.extremum(atom.function, *parts)
            total = total + product
        return total

    def evaluate(self, values: Mapping[Hashable, int]) -> int | None:
        """The number, given numbers for variables by key; None when one is missing."""
        result = self.substitute(lambda v: Dim.of(values[v.key]) if v.key in values else None)
        return result.constant

    def to_expression(self) -> Expression:
        """Python code for the size; ValueError for one with a hidden part."""
        total: Expression | None = None
        for monomial, coefficient in sorted(
            self.terms, key=lambda term: (term[1] < 0, not term[0])
        ):
            factor = _product(monomial, abs(coefficient))
            if total is None:
                total = Unary("-", factor) if coefficient < 0 else factor
            else:
                total = Binary("-" if coefficient < 0 else "+", total, factor)
        return total or Constant(0)


_ONE = (((), 1),)


def _is_plain(size: Dim) -> bool:
    """Whether a factor of 1 changes nothing: exact quotients are looked at in each product."""
    return not any(isinstance(a, Quotient) and a.exact for m, _ in size.terms for a in m)


def _normal(table: dict[Monomial, int]) -> Dim:
    terms = [(m, c) for m, c in table.items() if c]
    if len(terms) > 1:
        terms.sort(key=lambda term: repr(term[0]))
    return Dim(tuple(terms))


def _product(monomial: Monomial, coefficient: int) -> Expression:
    factors = [_atom(atom) for atom in monomial]
    if coefficient != 1 or not factors:
        factors.insert(0, Constant(coefficient))
    result = factors[0]
    for factor in factors[1:]:
        result = Binary("*", result, factor)
    return result


def _multiple(size: Dim, divisor: Dim) -> Dim | None:
    """How often the terms of a size that a product divides contain it."""
    if len(divisor.terms) != 1:
        return None
    ((below, count),) = divisor.terms
    found = Dim.of(0)
    for monomial, coefficient in size.terms:
        rest = _taken(monomial, below)
        if rest is not None and coefficient % count == 0:
            found = found + Dim(((rest, coefficient // count),))
    return found


def _whole_quotient(size: Dim, divisor: Dim) -> Dim | None:
    """The quotient of two sums of products where there is no rest; None where there may be one.

    Long division by the leading term; a product leads another of lower degree, or that comes after
    it in the order of names.
    """

    def rank(term: tuple[Monomial, int]) -> tuple[int, list[str]]:
        return len(term[0]), sorted(map(_order, term[0]))

    above, below = max(divisor.terms, key=rank)
    quotient, rest = Dim.of(0), size
    for _ in range(len(size.terms)):
        if not rest.terms:
            return quotient
        monomial, coefficient = max(rest.terms, key=rank)
        taken = _taken(monomial, above)
        if taken is None or coefficient % below:
            return None
        part = Dim(((taken, coefficient // below),))
        quotient, rest = quotient + part, rest - part * divisor
    return None if rest.terms else quotient


def _undivided(monomial: Monomial, coefficient: int) -> Dim | None:
    """The product without an exact quotient in it: (n / d) * d is n."""
    for index, atom in enumerate(monomial):
        match atom:
            case Quotient(denominator=Dim(terms=((below, divisor),)), exact=True):
                rest = _taken(monomial[:index] + monomial[index + 1 :], below)
                if rest is not None and coefficient % divisor == 0:
                    whole = Dim(((tuple(sorted(rest, key=_order)), coefficient // divisor),))
                    return whole * atom.numerator
            case _:
                pass
    return None


def _taken(monomial: Monomial, factors: Monomial) -> Monomial | None:
    """The monomial without some of its factors; None if it lacks one."""
    rest = list(monomial)
    for factor in factors:
        if factor not in rest:
            return None
        rest.remove(factor)
    return tuple(rest)


def _common_factor(left: Dim, right: Dim) -> Monomial:
    """The atoms that all terms of both have in common."""
    monomials = [m for m, _ in (*left.terms, *right.terms)]
    if not left.terms or not right.terms:
        return ()
    common: list[Atom] = []
    for atom in monomials[0]:
        if all(_taken(m, (*common, atom)) is not None for m in monomials):
            common.append(atom)
    return tuple(common)


def _without(size: Dim, factors: Monomial) -> Dim:
    return _normal({_taken(m, factors) or (): c for m, c in size.terms})


def _atom(atom: Atom) -> Expression:
    match atom:
        case Variable(hidden=True):
            raise ValueError("a size that no code can say")
        case Variable():
            return atom.expression
        case Quotient(numerator, denominator, ceiling):
            top, bottom = numerator.to_expression(), denominator.to_expression()
            if ceiling:
                return Unary("-", Binary("//", Unary("-", top), bottom))
            return Binary("//", top, bottom)
        case Extremum(function, operands):
            return Call(Name(function), tuple(Argument(d.to_expression()) for d in operands))


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
