"""The registry, the explanations and the generated page agree with each other."""

import re
from pathlib import Path

import pytest
from tfjax.ir.span import Span
from tfjax.transpiler.diagnostics import CODES, Diagnostic, codes, count_by_severity, in_order
from tfjax.transpiler.diagnostics.explain import (
    FAMILIES,
    explain,
    explanation,
    find,
    reference,
    sections,
)

ROOT = Path(__file__).parents[3]


def test_codes_are_well_formed_and_unique():
    assert all(re.fullmatch(r"TJ[1-9]\d{3}", code) for code in CODES)
    assert [code.code for code in CODES.values()] == sorted(CODES)
    names = [code.name for code in CODES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_every_constant_is_registered_under_its_own_number():
    constants = [value for value in vars(codes).values() if isinstance(value, codes.Code)]
    assert len(constants) == len(CODES)


def test_summaries_are_one_sentence():
    for code in CODES.values():
        assert code.summary.endswith("."), code
        assert "\n" not in code.summary, code


def test_every_code_has_an_explanation_and_every_explanation_a_code():
    explained = {code for family in FAMILIES for code in sections(family)}
    assert explained == set(CODES)
    assert all(len(explanation(code)) > 80 for code in CODES.values())


def test_explanations_close_their_code_blocks():
    for code in CODES.values():
        assert explanation(code).count("```") % 2 == 0, code


def test_generated_page_is_up_to_date():
    page = (ROOT / "docs" / "diagnostics.md").read_text("utf-8")
    assert page == reference(), "run `make docs`"


@pytest.mark.parametrize("word", ["TJ2001", "tj2001", " TJ2001 ", "no-rule", "NO-RULE"])
def test_find_by_number_or_name(word: str):
    assert find(word) is codes.NO_RULE


def test_find_nothing():
    assert find("TJ2") is None


def test_explain_begins_with_the_code():
    assert explain(codes.NO_RULE).startswith("# TJ2001 no-rule (error)\n\nNo rule")


def test_a_code_makes_diagnostics_of_its_severity():
    span = Span(3, 4, 3, 9)
    assert codes.NO_RULE.at("m.py", span, "no rule for `tf.foo`") == Diagnostic(
        "TJ2001", "no rule for `tf.foo`", "m.py", span
    )
    assert codes.ARGUMENT_DROPPED.at("m.py", span, "x").severity == "note"
    assert codes.ARGUMENT_DROPPED.at("m.py", span, "x", severity="error").severity == "error"


def test_order_is_by_place_and_duplicates_go():
    late = codes.NO_RULE.at("a.py", Span(9, 0, 9, 1), "late")
    early = codes.NO_RULE.at("a.py", Span(2, 5, 2, 6), "early")
    whole = codes.UNREADABLE.at("a.py", None, "whole")
    other = codes.UNREADABLE.at("b.py", None, "other")
    assert in_order([other, late, early, whole, late]) == (whole, early, late, other)


def test_places_count_from_one():
    assert (codes.NO_RULE.at("a.py", Span(2, 5, 2, 6), "").column) == 6
    whole = codes.NO_RULE.at("a.py", None, "")
    assert (whole.line, whole.column) == (1, 1)


def test_counts_have_all_severities():
    assert count_by_severity([codes.NO_RULE.at("a.py", None, "")]) == {
        "error": 1,
        "warning": 0,
        "note": 0,
    }
