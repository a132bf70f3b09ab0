"""Classes that put variables of their own in the place of those of the layer that they extend."""

from __future__ import annotations

from tests.harness import check_compile


def test_they_are_refused_where_the_call_of_the_layer_runs() -> None:
    before = """\
from tensorflow.keras import layers


class Ones(layers.Dense):
    def build(self, shape):
        super().build(shape)
        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer="ones")

    def call(self, x):
        return super().call(x * 2)


class Inherited(layers.Dense):
    def build(self, shape):
        super().build(shape)
        self.bias = self.add_weight(shape=(self.units,), initializer="ones")
"""
    check_compile(before, left=["TJ5004", "TJ5004"])


def test_a_call_of_its_own_may_use_them() -> None:
    before = """\
from tensorflow.keras import layers


class Ones(layers.Dense):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer="ones")

    def call(self, x):
        return x @ self.kernel
"""
    check_compile(before)
