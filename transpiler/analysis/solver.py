"""Equations between sizes: what is known of them, whether a new one can hold.

The fast path is the normal form of `ir.dims`: equations that are linear in some variable are
solved for it and substituted. What is left is kept aside, and tried on a few numbers; only if no
trial satisfies it is z3 asked. Every answer but `maybe` is certain.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ...ir.dims import Dim, Variable
from ...ir.nodes import Name
from .bounds import Bounds, at_most, is_size, never_zero
from .trail import Trail
from .values import Place

Answer = Literal["yes", "no", "maybe"]
ONE = Dim.of(1)
TRIALS = (64, 32, 128, 224, 256, 512, 16, 8, 4, 2, 1, 3, 12, 24, 48, 96, 10, 5, 7, 9, 100, 300)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an equation holds: an operation of the program that asks for it."""

    place: Place | None
    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    """`difference` == 0, which follows from the reasons."""

    difference: Dim
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """What a variable equals, which follows from the reasons."""

    dim: Dim
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Statistics:
    """`questions` in all, those that trials on numbers settled, and those that reached z3."""

    questions: int = 0
    trials: int = 0
    solver: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Solver:
    """`solved` maps the keys of variables to what they equal, and why."""

    trail: Trail
    solved: dict[Hashable, Solution] = field(default_factory=dict[Hashable, Solution])
    cell: dict[str, tuple[Equation, ...]] = field(default_factory=dict[str, tuple[Equation, ...]])
    statistics: Statistics = field(default_factory=Statistics)
    counter: list[int] = field(default_factory=lambda: [0])
    # What z3 may spend in all, in its own units.
    budget: list[int] = field(default_factory=lambda: [700_000])
    # Sizes that differ from call to call (batches): nothing is learned of them.
    varying: set[Hashable] = field(default_factory=set[Hashable])
    bounds: Bounds = field(default_factory=Bounds)

    arguments: dict[tuple[Dim, int], tuple[Dim, ...]] = field(
        default_factory=dict[tuple[Dim, int], tuple[Dim, ...]]
    )
    # What broadcasting makes of two sizes of which nothing is known.
    pairs: dict[frozenset[Dim], Dim] = field(default_factory=dict[frozenset[Dim], Dim])

    # -- variables

    def fresh(self, name: str, kind: str = "size") -> Dim:
        """A new variable. A "size" is at least 1, an "int" may be any number."""
        self.counter[0] += 1
        return Dim.atom(Variable((kind, self.counter[0]), Name(name)))

    def shape_of_argument(self, argument: Dim, rank: int) -> tuple[Dim, ...]:
        """The sizes of an argument of this rank; the same whenever asked."""
        known = self.arguments.get((argument, rank))
        if known is None:
            letters = {1: "N", 2: "BN", 3: "BLC", 4: "BHWC", 5: "BDHWC"}.get(rank, "N" * rank)
            known = tuple(self.fresh(letter) for letter in letters)
            self.arguments[argument, rank] = known
        return known

    # -- what is known

    def normal(self, dim: Dim, why: list[Reason] | None = None) -> Dim:
        """The size with all that was solved put in; `why` collects the reasons."""
        if not self.solved or dim.constant is not None:
            return dim
        for _ in range(50):
            hit = False

            def replace(variable: Variable) -> Dim | None:
                nonlocal hit
                found = self.solved.get(variable.key)
                if found is None:
                    return None
                hit = True
                if why is not None:
                    why.extend(r for r in found.reasons if r not in why)
                return found.dim

            result = dim.substitute(replace)
            if not hit:
                return result
            dim = result
        return dim

    def equal(self, left: Dim, right: Dim) -> Answer:
        """Whether two sizes are equal for all, or for no, values of the variables."""
        self.statistics.questions += 1
        if left == right:
            return "yes"
        difference = self.normal(left - right)
        if not difference.terms:
            return "yes"
        return "no" if self.impossible(difference) else "maybe"

    def impossible(self, difference: Dim) -> bool:
        """Whether the difference is not zero for any values."""
        return never_zero(difference, self.bounds)

    def always_zero(self, difference: Dim) -> bool:
        """Whether the difference is zero whatever the variables are, which z3 is asked."""
        from .smt import never_other

        difference = self.normal(difference)
        if not difference.terms:
            return True
        if self.budget[0] <= 0:
            self.statistics.unknown += 1
            return False
        self.statistics.solver += 1
        known = [e.difference for e in self.cell.get("rest", ())]
        return never_other(difference, known, self.budget, self.bounds)

    def is_size(self, dim: Dim) -> None:
        """Takes note that the number is a size of a tensor."""
        if len(dim.terms) == 1 and dim.terms[0][1] == 1 and len(dim.terms[0][0]) == 1:
            atom = dim.terms[0][0][0]
            if isinstance(atom, Variable):
                self.bounds.positive.add(atom.key)

    def number(self, dim: Dim) -> int | None:
        return self.normal(dim).constant

    def sign(self, dim: Dim) -> int:
        """1 if the number is never negative, -1 if it always is, 0 if neither is certain."""
        known = self.normal(dim)
        if at_most(-known, 0, self.bounds):
            return 1
        return -1 if at_most(known, -1, self.bounds) else 0

    def least(self, left: Dim, right: Dim) -> Dim:
        """The lesser of two."""
        difference = self.normal(left - right)
        if at_most(difference, 0, self.bounds):
            return left
        return right if at_most(-difference, 0, self.bounds) else Dim.extremum("min", left, right)

    def at_least(self, difference: Dim) -> None:
        """Takes it that the difference is not negative, where that bounds a variable."""
        difference = self.normal(difference)
        variables = [t for t in difference.terms if t[0]]
        offset = sum(c for monomial, c in difference.terms if not monomial)
        match variables:
            case [((Variable() as v,), 1)] if v.key not in self.varying:
                low = self.bounds.low(v)
                if low is None or low < -offset:
                    self.trail.write(self.bounds.least, v.key, -offset)
            case [((Variable() as v,), -1)] if v.key not in self.varying:
                high = self.bounds.high(v)
                if high is None or high > offset:
                    self.trail.write(self.bounds.most, v.key, offset)
            case _:
                pass

    def require(self, left: Dim, right: Dim, reason: Reason) -> list[Reason] | None:
        """Takes the equation as true. When that is impossible, the other equations that it
        contradicts; None when it is possible."""
        why: list[Reason] = []
        self.statistics.questions += 1
        if left == right:
            return None
        difference = self.normal(left - right, why)
        if not difference.terms:
            return None
        if self.impossible(difference):
            return self._smallest(left - right, why)
        if any(v.key in self.varying for v in difference.atoms()):
            return None
        found = solvable(difference)
        if found is not None:
            variable, value = found
            self.trail.write(self.solved, variable.key, Solution(value, (reason, *why)))
        else:
            known = self.cell.get("rest", ())
            self.trail.write(self.cell, "rest", (*known, Equation(difference, (reason, *why))))
        return self._check(difference)

    def _smallest(self, difference: Dim, why: list[Reason]) -> list[Reason]:
        """A set of reasons from which none can be left out."""
        core = list(why)
        for reason in why:
            fewer = [r for r in core if r != reason]
            kept = {k: v for k, v in self.solved.items() if set(v.reasons) <= set(fewer)}
            other = Solver(Trail(), kept)
            if self.impossible(other.normal(difference)):
                core = fewer
        return core

    def _check(self, touched: Dim) -> list[Reason] | None:
        """Whether the equations left over can still hold together; the contradicting ones."""
        rest = self.cell.get("rest", ())
        if not rest:
            return None
        open_: list[Equation] = []
        for equation in rest:
            why: list[Reason] = []
            difference = self.normal(equation.difference, why)
            if self.impossible(difference):
                return list(dict.fromkeys((*equation.reasons, *why)))
            if difference.terms:
                open_.append(Equation(difference, (*equation.reasons, *why)))
        if not open_ or satisfied_by_trial([e.difference for e in open_]):
            self.statistics.trials += bool(open_)
            return None
        return self._ask(open_, touched)

    def _ask(self, equations: Sequence[Equation], touched: Dim) -> list[Reason] | None:
        from .smt import contradiction

        if self.budget[0] <= 0:
            self.statistics.unknown += 1
            return None
        self.statistics.solver += 1
        answer = contradiction([e.difference for e in equations], self.budget, self.bounds)
        if answer is None:
            return None
        if answer == "unknown":
            self.statistics.unknown += 1
            return None
        return list(dict.fromkeys(r for i in answer for r in equations[i].reasons))


def variables(dims: Sequence[Dim]) -> list[Variable]:
    found: dict[Hashable, Variable] = {}
    for dim in dims:
        for variable in dim.atoms():
            found.setdefault(variable.key, variable)
    return sorted(found.values(), key=lambda v: repr(v.key))


def satisfied_by_trial(differences: Sequence[Dim]) -> dict[Hashable, int] | None:
    """Numbers for the variables that make all differences zero, if one of a few trials does."""
    for values in trials(variables(differences)):
        if all(d.evaluate(values) == 0 for d in differences):
            return values
    return None


def broken_by_trial(difference: Dim, bounds: Bounds) -> dict[Hashable, int] | None:
    """Numbers for the variables for which the difference is not zero."""
    for values in trials(variables([difference])):
        if difference.evaluate(values) not in (0, None) and bounds.allow(values):
            return values
    return None


def trials(names: Sequence[Variable]) -> Iterator[dict[Hashable, int]]:
    for number in TRIALS:
        yield {v.key: number for v in names}
    if 1 < len(names) <= 4:
        for shift in range(1, len(TRIALS)):
            yield {v.key: TRIALS[(i * shift + shift) % len(TRIALS)] for i, v in enumerate(names)}


def solvable(difference: Dim) -> tuple[Variable, Dim] | None:
    """A variable that the equation `difference == 0` gives, and its value. The newest one, which
    leaves names that the user knows in place."""
    best: tuple[Variable, int] | None = None
    for monomial, coefficient in difference.terms:
        if coefficient not in (1, -1) or len(monomial) != 1:
            continue
        atom = monomial[0]
        if not isinstance(atom, Variable):
            continue
        if best is None or _age(atom) > _age(best[0]):
            rest = Dim(tuple(t for t in difference.terms if t[0] != monomial))
            if atom not in rest.atoms():
                best = atom, coefficient
    if best is None:
        return None
    variable, coefficient = best
    rest = Dim(tuple(t for t in difference.terms if t[0] != (variable,)))
    value = -rest if coefficient == 1 else rest
    if is_size(variable) and at_most(value, 0):
        return None
    return variable, value


def _age(variable: Variable) -> int:
    key = cast(tuple[Any, ...], variable.key)
    return key[1] if isinstance(key[1], int) else 0


def is_free_number(variable: Variable) -> bool:
    """Whether the variable is any number, rather than the size of a tensor."""
    return not is_size(variable)
