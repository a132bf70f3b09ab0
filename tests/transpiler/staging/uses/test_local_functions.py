"""Local functions of methods are followed."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_layer_that_a_local_function_applies() -> None:
    check_compile(
        """
from tensorflow import keras


class Attention(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.query = keras.layers.Dense(units)
        self.key = keras.layers.Dense(units)
        self.out = keras.layers.Dense(3)

    def call(self, x, states=None):
        def project(x, layer, states):
            if states is None:
                x = layer(x)
            else:
                x = layer(states)
            return x

        query = self.query(x)
        key = project(x, self.key, states)
        return self.out(key) + self.out(query)
""",
        """\
from flax import nnx


class Attention(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.query = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.key = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.out = nnx.Linear(units, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, x, states=None):
        def project(x, layer, states):
            if states is None:
                x = layer(x)
            else:
                x = layer(states)
            return x

        query = self.query(x)
        key = project(x, self.key, states)
        return self.out(key) + self.out(query)
""",
    )
