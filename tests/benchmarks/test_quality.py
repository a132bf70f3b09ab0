"""Translations beside ports by hand."""

from __future__ import annotations

import pytest

from benchmarks.quality.compare import Comparison, entry_of
from benchmarks.quality.length import code_lines
from benchmarks.quality.ports import call_arguments, load_ports
from benchmarks.quality.table import cells, markdown

SOURCE = '''
"""A module."""

def helper(x):
    # a comment
    return x + 1


def unused(x):
    return x


class Net:
    """A class.

    Of three lines."""

    def call(
        self,
        x,
    ):
        """What it does."""
        return helper(x)


class Empty:
    """Only this."""
'''


def test_lines_of_what_the_entry_reaches() -> None:
    # class, def, return; def, return
    assert code_lines(SOURCE, "Net") == 5
    assert code_lines(SOURCE, "helper") == 2
    assert code_lines(SOURCE, "Empty") == 2


def test_an_entry_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        code_lines(SOURCE, "Missing")


def test_arguments_of_a_build() -> None:
    assert call_arguments("m.Net(C.Config(a=1), 'x', b=[2])") == "C.Config(a=1), 'x', b=[2]"
    with pytest.raises(ValueError, match="not a call"):
        call_arguments("m.net")


def test_entry_of_a_build() -> None:
    assert entry_of("m.Net(1, m.f(2))") == "Net"
    with pytest.raises(ValueError, match="not a build"):
        entry_of("m.a.Net(1)")


def test_every_port_is_complete() -> None:
    for port in load_ports().values():
        assert "port" in port.call and "parameters" in port.call
        compile(port.build_for("m.Net(C.Config(a=1))"), port.case, "eval")
        compile(port.parameters, port.case, "eval")
        compile(port.call, port.case, "eval")


def test_ratios() -> None:
    cost = {kind: {"asked": 4.0, "flops": 6.0, "bytes": 8.0} for kind in ("forward", "gradient")}
    half = {kind: {name: v / 2 for name, v in of.items()} for kind, of in cost.items()}
    lines = {"source": 100, "translation": 80, "port": 160}
    row = Comparison("net", lines=lines, costs={"translation": half, "port": cost})
    expected = ["net", "100", "80", "160", "0.50", *["0.50"] * 6]
    assert cells(row) == expected
    assert markdown([row]).splitlines()[2] == f"| {' | '.join(expected)} |"


def test_what_is_unknown_is_a_dash() -> None:
    assert cells(Comparison("net", problem="no output")) == ["net", *["-"] * 10]
