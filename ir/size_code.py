"""Python code for symbolic sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .atoms import Atom, Extremum, Monomial, Quotient, Variable
from .nodes import Argument, Binary, Call, Constant, Expression, Name, Unary

if TYPE_CHECKING:
    from .dims import Dim


def code_of(size: Dim) -> Expression:
    """Python code for the size; ValueError for one with a hidden part."""
    total: Expression | None = None
    for monomial, coefficient in sorted(size.terms, key=lambda term: (term[1] < 0, not term[0])):
        factor = _product(monomial, abs(coefficient))
        if total is None:
            total = Unary("-", factor) if coefficient < 0 else factor
        else:
            total = Binary("-" if coefficient < 0 else "+", total, factor)
    return total or Constant(0)


def _product(monomial: Monomial, coefficient: int) -> Expression:
    factors = [_atom(atom) for atom in monomial]
    if coefficient != 1 or not factors:
        factors.insert(0, Constant(coefficient))
    result = factors[0]
    for factor in factors[1:]:
        result = Binary("*", result, factor)
    return result


def _atom(atom: Atom) -> Expression:
    match atom:
        case Variable(hidden=True):
            raise ValueError("a size that no code can say")
        case Variable():
            return atom.expression
        case Quotient(numerator, denominator, ceiling):
            top, bottom = code_of(numerator), code_of(denominator)
            if ceiling:
                return Unary("-", Binary("//", Unary("-", top), bottom))
            return Binary("//", top, bottom)
        case Extremum(function, operands):
            return Call(Name(function), tuple(Argument(code_of(d)) for d in operands))
