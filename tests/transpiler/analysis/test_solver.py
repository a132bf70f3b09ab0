"""Equations between sizes: certain answers, and none where there is none."""

from __future__ import annotations

import itertools

import pytest
from tfjax.ir.dims import Dim
from tfjax.transpiler.analysis.smt import contradiction
from tfjax.transpiler.analysis.solver import Reason, Solver, never_zero
from tfjax.transpiler.analysis.trail import Trail

WHY = Reason(None, "test")
TWO = Dim.of(2)


@pytest.fixture
def solver() -> Solver:
    return Solver(Trail())


def test_numbers(solver: Solver):
    assert solver.equal(Dim.of(3), Dim.of(3)) == "yes"
    assert solver.equal(Dim.of(3), Dim.of(4)) == "no"


def test_sizes_are_at_least_one(solver: Solver):
    n = solver.fresh("n")
    assert solver.equal(n, n + Dim.of(1)) == "no"
    assert solver.equal(n * TWO, n) == "no"
    assert solver.equal(n + Dim.of(3), Dim.of(3)) == "no"
    assert solver.equal(n, Dim.of(5)) == "maybe"


def test_parity(solver: Solver):
    n = solver.fresh("n")
    assert solver.equal(n * TWO, Dim.of(7)) == "no"
    assert solver.equal(n * TWO, Dim.of(8)) == "maybe"


def test_a_plain_number_may_be_zero_until_it_is_a_size(solver: Solver):
    n = solver.fresh("n", "int")
    assert solver.equal(n * TWO, n) == "maybe"
    solver.is_size(n)
    assert solver.equal(n * TWO, n) == "no"


def test_what_was_required_is_used(solver: Solver):
    n, m = solver.fresh("n"), solver.fresh("m")
    assert solver.require(n, m, WHY) is None
    assert solver.require(m, Dim.of(4), WHY) is None
    assert solver.number(n * m) == 16
    assert solver.require(n, Dim.of(5), WHY) is not None


def test_the_core_holds_no_more_than_it_must(solver: Solver):
    a, b, c = (solver.fresh(x) for x in "abc")
    first, second, third = (Reason(None, x) for x in ("first", "second", "third"))
    assert solver.require(a, Dim.of(3), first) is None
    assert solver.require(c, Dim.of(9), second) is None
    assert solver.require(b, a, third) is None
    core = solver.require(b, Dim.of(4), WHY)
    assert core is not None
    assert {r.text for r in core} == {"first", "third"}


def test_branches_take_back_what_they_learned(solver: Solver):
    n = solver.fresh("n")
    mark = solver.trail.mark()
    solver.require(n, Dim.of(4), WHY)
    solver.trail.undo(mark)
    assert solver.require(n, Dim.of(5), WHY) is None


def test_z3_finds_what_trials_cannot(solver: Solver):
    """An odd size that is twice its half."""
    n = solver.fresh("n")
    half = n // TWO
    assert solver.require(half * TWO, n, WHY) is None
    assert solver.statistics.solver == 0
    m = solver.fresh("m")
    core = solver.require(n, m * TWO + Dim.of(1), WHY)
    if core is None:
        core = solver.require(half + half, m + m + Dim.of(1), WHY)
    assert core is not None


def test_z3_answers_unknown_rather_than_wait():
    solver = Solver(Trail(), budget=[0])
    n, m = solver.fresh("n"), solver.fresh("m")
    square = n * n * n - m * m * m - Dim.of(3) * n * m - Dim.of(123457)
    assert solver.require(square, Dim.of(0), WHY) is None
    assert solver.statistics.unknown == 1


def test_contradiction_names_the_equations():
    solver = Solver(Trail())
    n = solver.fresh("n")
    budget = [700_000]
    three = n // Dim.of(3) - Dim.of(5)
    free = solver.fresh("k") - Dim.of(1)
    large = n // Dim.of(3) - Dim.of(6)
    assert contradiction([three, free, large], budget) == (0, 2)
    assert contradiction([three, free], budget) is None
    assert budget[0] < 700_000


def test_never_zero_agrees_with_trying_all():
    solver = Solver(Trail())
    n, m = solver.fresh("n"), solver.fresh("m")
    keys = [next(iter(d.atoms())).key for d in (n, m)]
    coefficients = (-2, -1, 0, 1, 2)
    for a, b, c, k in itertools.product(coefficients, coefficients, (0, 1, -1), (-3, 0, 2)):
        dim = Dim.of(a) * n + Dim.of(b) * m + Dim.of(c) * (n // TWO) + Dim.of(k)
        if not never_zero(dim):
            continue
        for i, j in itertools.product(range(1, 9), repeat=2):
            assert dim.evaluate({keys[0]: i, keys[1]: j}) != 0
