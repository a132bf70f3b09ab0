"""Sizes of layers that a functional model makes first and applies later."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_size_that_is_known_after_the_layer_is_made() -> None:
    check_compile(
        """
import keras


class Encoder(keras.layers.Layer):
    def build(self, shape):
        hidden = shape[-1]
        if hidden % 2:
            hidden = hidden + 1
        self.dense = keras.layers.Dense(hidden)

    def call(self, x):
        return self.dense(x)


class Model(keras.Model):
    def __init__(self, depth, **kwargs):
        self.encoders = []
        for _ in range(depth):
            self.encoders.append(Encoder())
        self.pooled = keras.layers.Dense(4)
        inputs = keras.Input((None, 3))
        x = inputs
        for encoder in self.encoders:
            x = encoder(x)
        super().__init__(inputs=inputs, outputs=self.pooled(x), **kwargs)
""",
        """\
from flax import nnx


class Encoder(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        hidden = in_features
        if hidden % 2:
            hidden = hidden + 1
        self.dense = nnx.Linear(
            in_features, hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.out_features = hidden

    def __call__(self, x):
        return self.dense(x)


class Model(nnx.Module):
    def __init__(self, encoder_in_features, dense_in_features, depth, *, rngs: nnx.Rngs):
        self.encoders = nnx.List([])
        for _ in range(depth):
            self.encoders.append(Encoder(encoder_in_features, rngs=rngs))
        self.pooled = nnx.Linear(
            dense_in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x = inputs
        for encoder in self.encoders:
            x = encoder(x)
        return self.pooled(x)
""",
    )


def test_a_result_of_the_size_of_a_variable() -> None:
    check_compile(
        """
import keras


class Encoder(keras.layers.Layer):
    def build(self, shape):
        hidden_dim = shape[-1]
        self.inner = keras.layers.Dense(16)
        self.outer = keras.layers.Dense(hidden_dim)

    def call(self, x):
        return self.outer(self.inner(x))


class Model(keras.Model):
    def __init__(self, depth, **kwargs):
        self.encoders = []
        for _ in range(depth):
            self.encoders.append(Encoder())
        self.pooled = keras.layers.Dense(4)
        inputs = keras.Input((None, 3))
        x = inputs
        for encoder in self.encoders:
            x = encoder(x)
        super().__init__(inputs=inputs, outputs=self.pooled(x), **kwargs)
""",
        """\
from flax import nnx


class Encoder(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        hidden_dim = in_features
        self.inner = nnx.Linear(
            in_features, 16, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.outer = nnx.Linear(
            16, hidden_dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.outer(self.inner(x))


class Model(nnx.Module):
    def __init__(self, depth, *, rngs: nnx.Rngs):
        self.encoders = nnx.List([])
        for _ in range(depth):
            self.encoders.append(Encoder(3, rngs=rngs))
        self.pooled = nnx.Linear(3, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, inputs):
        x = inputs
        for encoder in self.encoders:
            x = encoder(x)
        return self.pooled(x)
""",
    )
