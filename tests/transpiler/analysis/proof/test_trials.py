"""When enough ranks were tried."""

from __future__ import annotations

from tfjax.transpiler.analysis.proof.compare import EQUAL, unknown
from tfjax.transpiler.analysis.proof.entries import Entry
from tfjax.transpiler.analysis.proof.summary import Followed
from tfjax.transpiler.analysis.proof.trials import STEPS_A_CLAIM, Told, Trials
from tfjax.transpiler.analysis.values import UNKNOWN

FLOATS = Entry({}, guess="`x` of rank 4, float32")
INTEGERS = Entry({}, guess="`x` of rank 4, int32")
FOLLOWED = Followed(UNKNOWN, (), ())
PROVED: Told = (FLOATS, EQUAL, FOLLOWED)
OPEN: Told = (FLOATS, unknown("too little"), FOLLOWED)


def test_two_proofs_are_enough() -> None:
    trials = Trials(STEPS_A_CLAIM * 2)
    trials.note(FLOATS, PROVED, False, 10)
    assert not trials.ends_after(FLOATS, STEPS_A_CLAIM * 2)
    trials.note(FLOATS, PROVED, False, 10)
    assert trials.ends_after(FLOATS, STEPS_A_CLAIM * 2)


def test_calls_of_the_program_are_all_followed() -> None:
    trials = Trials(100)
    for _ in range(4):
        trials.note(Entry({}), PROVED, False, 10)
    assert not trials.ends_after(Entry({}), 0)
    assert not trials.ends_before(Entry({}))


def test_ranks_that_do_not_matter_end_the_search() -> None:
    trials = Trials(100)
    trials.note(FLOATS, None, False, 7)
    assert not trials.ends_before(FLOATS)
    trials.note(FLOATS, None, False, 7)
    assert trials.ends_before(FLOATS)


def test_three_ranks_that_tell_nothing_end_the_search() -> None:
    trials = Trials(100)
    for steps in (7, 8, 9):
        assert not trials.ends_before(FLOATS)
        trials.note(FLOATS, None, False, steps)
    assert trials.ends_before(FLOATS)


def test_integers_are_tried_where_all_floats_are_refused() -> None:
    trials = Trials(100)
    trials.note(FLOATS, None, True, 7)
    assert not trials.ends_before(INTEGERS)
    trials.note(FLOATS, OPEN, False, 7)
    assert trials.ends_before(INTEGERS)
