"""Copies of variables that only staging named."""

from __future__ import annotations

from tfjax.ir.nodes import Assign, Call, Name, Return, Statement
from tfjax.ir.span import Span
from tfjax.transpiler.staging.slices.copies import without_copies

MADE = Assign((Name("features"),), Call(Name("f"), ()))
COPY = Assign((Name("x"),), Name("features"), comments=("what it is for",))


def targets(body: list[Statement]) -> list[str]:
    return [t.id for s in body if isinstance(s, Assign) for t in s.targets if isinstance(t, Name)]


def test_the_name_of_the_source_is_kept_with_its_comment() -> None:
    body = without_copies([MADE, COPY, Return(Name("x"))])
    assert targets(body) == ["x"]
    assert body[0].comments == ("what it is for",)


def test_what_is_read_again_stays() -> None:
    assert targets(without_copies([MADE, COPY, Return(Name("features"))])) == ["features", "x"]


def test_what_the_source_wrote_stays() -> None:
    written = Assign((Name("features"),), Call(Name("f"), ()), span=Span(1, 0, 1, 9))
    assert targets(without_copies([written, COPY, Return(Name("x"))])) == ["features", "x"]


def test_a_variable_assigned_to_itself_goes() -> None:
    assert without_copies([Assign((Name("x"),), Name("x"))]) == []
