"""Inputs that another one stands in for where a call leaves them out."""

from __future__ import annotations

from tests.harness import check_compile


def test_an_input_that_another_one_replaces() -> None:
    check_compile(
        """
import keras


class Cross(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.query = keras.layers.Dense(units)
        self.key = keras.layers.Dense(units)

    def call(self, inputs, context=None):
        if context is None:
            context = inputs
        return self.query(inputs) + self.key(context)


class Block(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Cross(8)
        self.second = Cross(8)

    def call(self, x, context):
        x = self.first(x)
        return self.second(x, context=context)
""",
        """\
from flax import nnx


class Cross(nnx.Module):
    def __init__(self, in_features, context_features, units, *, rngs: nnx.Rngs):
        self.query = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.key = nnx.Linear(
            context_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs, context=None):
        if context is None:
            context = inputs
        return self.query(inputs) + self.key(context)


class Block(nnx.Module):
    def __init__(self, x_features, context_features, *, rngs: nnx.Rngs):
        self.first = Cross(x_features, x_features, 8, rngs=rngs)
        self.second = Cross(8, context_features, 8, rngs=rngs)

    def __call__(self, x, context):
        x = self.first(x)
        return self.second(x, context=context)
""",
    )
