"""Signature text, and binding of calls."""

from __future__ import annotations

import pytest
from tfjax.rules.api import Parameter, bind, parse_signature


@pytest.mark.parametrize(
    "text",
    [
        "()",
        "(a)",
        "(a, b=None, /)",
        "(a, /, b, c=(1, 2), *, d=1, e)",
        "(*args, d=1, **kwargs)",
        "(s='a, b=\\'c\\'', t={'k': [1, 2]}, u=float('inf'))",
        "(x, init=jax.nn.initializers.lecun_normal(), f=opaque('m.f'))",
    ],
)
def test_text_round_trips(text: str) -> None:
    assert str(parse_signature(text)).replace('"', "'") == text.replace('"', "'")


def test_parameters() -> None:
    signature = parse_signature("(a, /, b=1, *args, c, d=x.y, **kw)")
    assert signature.parameters == (
        Parameter("a", "positional_only"),
        Parameter("b", "positional_or_keyword", "1"),
        Parameter("args", "var_positional"),
        Parameter("c", "keyword_only"),
        Parameter("d", "keyword_only", "x.y"),
        Parameter("kw", "var_keyword"),
    )
    assert [p.name for p in signature if p.required] == ["a", "c"]
    assert signature["b"].literal_default() == 1
    assert signature["b"].has_literal_default
    assert not signature["d"].has_literal_default
    assert signature.get("z") is None
    assert signature.accepts_keyword("anything")


SIGNATURE = "(x, axis=None, *, name=None)"


@pytest.mark.parametrize(
    ("signature", "positional", "keywords", "values"),
    [
        (SIGNATURE, [1], {}, {"x": 1}),
        (SIGNATURE, [1, 2], {"name": 3}, {"x": 1, "axis": 2, "name": 3}),
        (SIGNATURE, [], {"axis": 2, "x": 1}, {"x": 1, "axis": 2}),
    ],
)
def test_bind(
    signature: str, positional: list[int], keywords: dict[str, int], values: dict[str, int]
) -> None:
    bound = bind(parse_signature(signature), positional, keywords)
    assert bound.ok
    assert list(bound.values.items()) == list(values.items())


@pytest.mark.parametrize(
    ("signature", "positional", "keywords", "problem"),
    [
        (SIGNATURE, [], {}, ("missing_required", "x")),
        (SIGNATURE, [1, 2, 3], {}, ("too_many_positional", "")),
        (SIGNATURE, [1], {"keepdims": 2}, ("unknown_keyword", "keepdims")),
        (SIGNATURE, [1], {"x": 2}, ("duplicate", "x")),
        ("(x, /)", [1], {"x": 2}, ("unknown_keyword", "x")),
    ],
)
def test_bind_problems(
    signature: str,
    positional: list[int],
    keywords: dict[str, int],
    problem: tuple[str, str],
) -> None:
    bound = bind(parse_signature(signature), positional, keywords)
    assert [(p.kind, p.name) for p in bound.problems] == [problem]


def test_bind_keeps_what_variadic_parameters_take() -> None:
    bound = bind(parse_signature("(x, /, *args, **kwargs)"), [1, 2, 3], {"x": 4, "y": 5})
    assert bound.ok
    assert bound.values == {"x": 1}
    assert bound.extra_positional == (2, 3)
    assert bound.extra_keywords == {"x": 4, "y": 5}


def test_partial_binding_reports_nothing_missing() -> None:
    assert bind(parse_signature(SIGNATURE), [], {}, partial=True).ok
