"""Results whose rank only the call tells; loops over layers that give pairs."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_residual_has_the_rank_of_its_input_at_the_call() -> None:
    check_compile(
        """
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.dense = keras.layers.Dense(size)

    def call(self, x):
        y = self.dense(x)
        return x + y, y


def build(depth):
    inputs = keras.Input((8, 4))
    x = inputs
    for _ in range(depth):
        x, _ = Block(4)(x)
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
""",
        """\
from flax import nnx


class Block(nnx.Module):
    def __init__(self, in_features, size, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, size, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        y = self.dense(x)
        return x + y, y


class Build(nnx.Module):
    def __init__(self, depth, *, rngs: nnx.Rngs):
        self.blocks = nnx.List([])
        for _ in range(depth):
            self.blocks.append(Block(4, 4, rngs=rngs))
        self.dense = nnx.Linear(32, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, inputs):
        x = inputs
        for block in self.blocks:
            x, _ = block(x)
        return self.dense(x.reshape(x.shape[0], -1))
""",
    )
