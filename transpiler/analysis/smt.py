"""The last resort: z3, within a budget of its own steps, so that answers do not depend on the
machine. Imported only when it is asked."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from ...ir.dims import Atom, Dim, Extremum, Quotient, Variable
from .bounds import NO_BOUNDS, Bounds

LIMIT = 50_000
"""What z3 may spend on a question, in its own units: some 0.1 s."""
ANSWERED = 2_500
"""What a question costs that it answers."""


def contradiction(
    differences: Sequence[Dim], budget: list[int], bounds: Bounds = NO_BOUNDS
) -> tuple[int, ...] | Literal["unknown"] | None:
    """None when all can be zero at once; else which of them cannot be together. `budget[0]` shrinks
    by what is spent."""
    import z3  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    z: Any = z3
    solver = z.Solver()
    solver.set("rlimit", LIMIT)
    solver.set("unsat_core", True)
    translation = _Translation(z, {}, [], bounds)
    for number, difference in enumerate(differences):
        solver.assert_and_track(translation.dim(difference) == 0, f"e{number}")
    solver.add(*translation.sides)
    answer = str(solver.check())
    budget[0] -= LIMIT if answer == "unknown" else ANSWERED
    if answer == "sat":
        return None
    if answer != "unsat":
        return "unknown"
    return tuple(sorted(int(str(name)[1:]) for name in solver.unsat_core()))


def never_other(
    difference: Dim, known: Sequence[Dim], budget: list[int], bounds: Bounds = NO_BOUNDS
) -> bool:
    """Whether the difference is zero whenever the known ones are. Spends of the budget."""
    import z3  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

    z: Any = z3
    solver = z.Solver()
    solver.set("rlimit", LIMIT)
    translation = _Translation(z, {}, [], bounds)
    solver.add(translation.dim(difference) != 0)
    solver.add(*(translation.dim(d) == 0 for d in known))
    solver.add(*translation.sides)
    answer = str(solver.check())
    budget[0] -= LIMIT if answer == "unknown" else ANSWERED
    return answer == "unsat"


class _Translation:
    """Sizes as terms of z3; `sides` hold what is true of the variables made on the way."""

    def __init__(
        self, z: Any, names: dict[Hashable, Any], sides: list[Any], bounds: Bounds
    ) -> None:
        self.z, self.names, self.sides, self.bounds = z, names, sides, bounds

    def dim(self, dim: Dim) -> Any:
        total: Any = self.z.IntVal(0)
        for monomial, coefficient in dim.terms:
            product: Any = self.z.IntVal(coefficient)
            for atom in monomial:
                product = product * self.atom(atom)
            total = total + product
        return total

    def atom(self, atom: Atom) -> Any:
        if atom in self.names:
            return self.names[atom]
        term = self.z.Int(f"v{len(self.names)}")
        self.names[atom] = term
        match atom:
            case Variable():
                low, high = self.bounds.low(atom), self.bounds.high(atom)
                self.sides += [] if low is None else [term >= low]
                self.sides += [] if high is None else [term <= high]
            case Quotient(numerator, denominator, ceiling):
                top, bottom = self.dim(numerator), self.dim(denominator)
                # Python's // rounds down; for a positive divisor the remainder is in [0, bottom).
                rest = term * bottom - top if ceiling else top - term * bottom
                self.sides += [bottom >= 1, rest >= 0, rest < bottom]
            case Extremum(function, operands):
                terms = [self.dim(d) for d in operands]
                self.sides.append(self.z.Or(*(term == t for t in terms)))
                upper = function == "max"
                self.sides += [term >= t if upper else term <= t for t in terms]
        return term
