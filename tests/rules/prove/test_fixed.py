"""The lines of `rules/prove/cases`."""

from __future__ import annotations

import pytest

pytest.importorskip("ml_dtypes", reason="bfloat16 arrays")

from tfjax.rules.prove.fixed import read_case
from tfjax.rules.prove.tables import read_tables


def test_options_are_read() -> None:
    case = read_case("tf.sin(x)  # no grad, no jit", "keras3")
    assert (case.text, case.grad, case.jit, case.tolerance) == ("tf.sin(x)", False, False, 0.0)


def test_a_tolerance_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="unknown option 'tolerance"):
        read_case("tf.sin(x)  # no grad, tolerance 0.1", "keras3")
    case = read_case("tf.sin(x)  # no grad, tolerance 0.1 (a table, of few entries)", "keras3")
    assert (case.grad, case.tolerance) == (False, 0.1)


def test_all_lines_can_be_read_and_hardly_any_has_a_tolerance() -> None:
    cases = [read_case(line.text, keras) for line in read_tables() for keras in line.flavours]
    assert len(cases) > 1800
    assert sum(case.tolerance > 0 for case in cases) <= 3
