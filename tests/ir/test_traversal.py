"""Walks over trees."""

from __future__ import annotations

from tfjax.ir.nodes import Attribute, Call, Constant, Import, Name, OpCall, children, walk
from tfjax.transpiler.frontend import lower_text

TEXT = """\
import tensorflow as tf


def f(x, y=1):
    return tf.add(x.a, g(y, 2))
"""


def test_walks_go_in_the_order_of_the_source() -> None:
    found = [n for n in walk(lower_text(TEXT)) if isinstance(n, (Name, Constant, Attribute))]
    told = [n.id if isinstance(n, Name) else getattr(n, "value", None) for n in found]
    assert [t for t in told if isinstance(t, (str, int))] == [1, "x", "g", "y", 2]


def test_children_are_those_of_all_kinds_of_fields() -> None:
    nodes = list(walk(lower_text(TEXT)))
    call = next(n for n in nodes if isinstance(n, OpCall))
    assert children(call) == [*call.bound.values(), call.function]
    plain = next(n for n in nodes if isinstance(n, Call))
    assert children(plain) == [plain.function, *plain.arguments]
    imported = next(n for n in nodes if isinstance(n, Import))
    assert children(imported) == list(imported.names)
    assert children(Name("x")) == []
