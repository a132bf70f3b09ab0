"""Layers that `call` takes out of their list by a place."""

from __future__ import annotations

from tests.harness import check_compile

STACK = """
from tensorflow.keras import layers, Model


class Stack(Model):
    def __init__(self, count, width):
        super().__init__()
        self.count = count
        self.denses = [layers.Dense(width) for _ in range(count)]
        self.head = layers.Dense(7)

    def call(self, inputs):
{body}
"""
CHAIN = """\
        features = in_features
        self.denses = nnx.List([])
        for _ in range(count):
            self.denses.append(
                nnx.Linear(
                    features, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                ),
            )
            features = width
"""


def test_the_first_before_a_loop_over_the_others() -> None:
    body = """
        first = self.denses[0]
        x = first(inputs)
        for i in range(1, self.count):
            x = self.denses[i](x) + x
        return self.head(x)
"""
    assert CHAIN in check_compile(STACK.format(body=body)).text


def test_the_first_before_a_loop_over_a_part() -> None:
    body = """
        x = self.denses[0](inputs)
        for dense in self.denses[1:]:
            x = dense(x)
        return self.head(x)
"""
    assert CHAIN in check_compile(STACK.format(body=body)).text


def test_sizes_that_are_alike_need_no_variable() -> None:
    body = """
        x = self.denses[0](inputs)
        return self.head(x + self.denses[1](inputs))
"""
    file = check_compile(STACK.format(body=body))
    assert "features = in_features" not in file.text
    assert not [d for d in file.diagnostics if d.code == "TJ6023"]


def test_places_one_by_one_are_reported() -> None:
    body = """
        x = self.denses[0](inputs)
        return self.denses[1](self.head(x))
"""
    file = check_compile(STACK.format(body=body))
    (said,) = [d for d in file.diagnostics if d.code == "TJ6023"]
    assert (
        said.message == "every `dense` that this loop makes gets the sizes of the one applied first"
    )
