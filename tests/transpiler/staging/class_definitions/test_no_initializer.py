"""Layers that are given None for an initializer take the default of Keras."""

from __future__ import annotations

from tests.harness import check_compile


def test_none_for_an_initializer() -> None:
    before = """\
from tensorflow import keras
from tensorflow.keras import layers


class Net(layers.Layer):
    def __init__(self, units, init=None):
        super().__init__()
        self.init = keras.initializers.get(init)
        self.dense = layers.Dense(units, kernel_initializer=None)
        self.out = layers.Dense(units, kernel_initializer=self.init)

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 3), initializer=self.init)

    def call(self, x):
        return self.out(self.dense(x @ self.w))
"""
    after = """\
from flax import nnx

from tf_compat import get_initializer


class Net(nnx.Module):
    def __init__(self, in_features, units, init=None, *, rngs: nnx.Rngs):
        self.init = get_initializer(init)
        self.dense = nnx.Linear(3, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
        self.out = nnx.Linear(units, units, kernel_init=self.init, rngs=rngs)
        self.w = nnx.Param(self.init(rngs.params(), (in_features, 3)))

    def __call__(self, x):
        return self.out(self.dense(x @ self.w[...]))
"""
    check_compile(before, after)
