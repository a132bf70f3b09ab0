"""What became of each statement, by the stages' own words and by where the emitter put it."""

from __future__ import annotations

from tests.harness import check_compile

SOURCE = """\
import os

import tensorflow as tf


class Scale(tf.keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],))

    def call(self, x):
        return tf.reduce_sum(self.gamma * x, axis=-1) * self.factor


def here():
    return os.getcwd()
"""


def entries(line: int) -> list[tuple[str, str]]:
    file = check_compile(SOURCE)
    return [(e.kind, e.by) for e in file.ledger if e.span.start_line == line]


def test_kept():
    assert entries(1) == [("kept", "source")]
    assert entries(9) == [("kept", "source")]
    assert entries(19) == [("kept", "source")]


def test_translated_by_a_rule():
    assert entries(15) == [("translated", "reduce_sum")]


def test_translated_by_a_pass():
    assert entries(6) == [("translated", "class-conversion")]


def test_moved():
    ((kind, _),) = entries(11)
    assert kind == "moved"
    ((kind, by),) = entries(12)
    assert (kind, by) == ("translated", "add_weight")


def test_dropped():
    assert entries(3) == [("dropped", "imports")]
    ((kind, _),) = entries(8)
    assert kind == "dropped"


def test_unhandled():
    file = check_compile(
        "import tensorflow as tf\n\n\ndef f(x):\n    return tf.raw_ops.Nonsense(x=x)\n",
        left=["TJ2010"],
    )
    (entry,) = [e for e in file.ledger if e.kind == "unhandled"]
    assert (entry.span.start_line, entry.code) == (5, "TJ2010")
    assert file.status == "partial"
