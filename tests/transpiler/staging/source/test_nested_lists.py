"""Lists of lists of layers."""

from __future__ import annotations

from tests.harness import check_compile


def test_lists_of_lists_of_layers() -> None:
    check_compile(
        """
import keras


class Groups(keras.layers.Layer):
    def __init__(self, groups, repeats, **kwargs):
        super().__init__(**kwargs)
        self.blocks = []
        for i in range(groups):
            inner = []
            for j in range(repeats):
                inner.append(keras.layers.Dense(8 * (j + 1), name=f"l{i}_{j}"))
            self.blocks.append(inner)

    def call(self, x):
        for group in self.blocks:
            for layer in group:
                x = layer(x)
        return x
""",
        """\
from flax import nnx


class Groups(nnx.Module):
    def __init__(self, in_features, groups, repeats, *, rngs: nnx.Rngs):
        self.blocks = nnx.List([])
        features = in_features
        for i in range(groups):
            inner = nnx.List([])
            for j in range(repeats):
                inner.append(
                    nnx.Linear(
                        features,
                        8 * (j + 1),
                        kernel_init=nnx.initializers.glorot_uniform(),
                        rngs=rngs,
                    ),
                )
                features = 8 * j + 8
            self.blocks.append(inner)

    def __call__(self, x):
        for group in self.blocks:
            for layer in group:
                x = layer(x)
        return x
""",
    )


def test_lists_of_lists_in_a_functional_model() -> None:
    check_compile(
        """
import keras


class Model(keras.Model):
    def __init__(self, groups, repeats, **kwargs):
        self.embed = keras.layers.Dense(8)
        self.blocks = []
        for i in range(groups):
            inner = []
            for j in range(repeats):
                layer = keras.layers.Dense(8, name=f"l{i}_{j}")
                inner.append(layer)
            self.blocks.append(inner)
        self.pooled = keras.layers.Dense(4)
        inputs = keras.Input((None, 3))
        x = self.embed(inputs)
        for group in self.blocks:
            for _ in range(2):
                for layer in group:
                    x = layer(x)
        super().__init__(inputs=inputs, outputs=self.pooled(x), **kwargs)
""",
        """\
from flax import nnx


class Model(nnx.Module):
    def __init__(self, groups, repeats, *, rngs: nnx.Rngs):
        self.groups = groups
        self.repeats = repeats
        self.embed = nnx.Linear(3, 8, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
        self.blocks = nnx.List([])
        for i in range(groups):
            inner = nnx.List([])
            for j in range(repeats):
                layer = nnx.Linear(8, 8, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
                inner.append(layer)
            self.blocks.append(inner)
        self.pooled = nnx.Linear(8, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, inputs):
        x = self.embed(inputs)
        for group in self.blocks:
            for _ in range(2):
                for layer in group:
                    x = layer(x)
        return self.pooled(x)
""",
    )
