"""What one walk tells of the body of a function."""

from __future__ import annotations

from tfjax.ir.nodes import FunctionDef
from tfjax.transpiler.analysis.bodies import Bodies
from tfjax.transpiler.frontend import lower_text


def function(text: str) -> FunctionDef:
    found = lower_text(text).body[0]
    assert isinstance(found, FunctionDef)
    return found


def test_names_and_what_is_set() -> None:
    facts = Bodies().of(
        function("def call(self, x):\n    self.a.b = x\n    self.n += k\n    x.c = 1\n")
    )
    assert facts.names == ("k", "self", "super", "x")
    assert facts.sets == {"a", "n"}
    assert not facts.yields


def test_generators_yield() -> None:
    assert Bodies().of(function("def f(n):\n    for i in n:\n        yield i\n")).yields


def test_facts_are_found_once() -> None:
    node, bodies = function("def f(x):\n    return x + 1\n"), Bodies()
    assert bodies.of(node) is bodies.of(node)
    assert bodies.of(node).size == 4
