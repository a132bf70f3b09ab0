"""Sizes that a `Dot` layer gives where the rank of one side is not known."""

from __future__ import annotations

from tests.harness import check_compile


def test_what_is_left_of_the_second_side_comes_last() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers


def aligned(points, size):
    x = layers.GlobalMaxPooling1D()(points)
    x = layers.Reshape((size, 5))(layers.Dense(size * 5)(x))
    return layers.Dot(axes=(2, 1))([points, x])


def network():
    points = keras.Input((8, 3))
    x = aligned(points, 3)
    return keras.Model(points, layers.Dense(2)(x))
""",
        """\
import jax.numpy as jnp
from flax import nnx

from tf_compat import batch_dot


class Aligned(nnx.Module):
    def __init__(self, in_features, size, *, rngs: nnx.Rngs):
        self.size = size
        self.dense = nnx.Linear(
            in_features, size * 5, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, points):
        x = jnp.max(points, axis=1)
        x = self.dense(x)
        x = x.reshape(x.shape[0], self.size, 5)
        return batch_dot(points, x, axes=(2, 1))


class Network(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.aligned = Aligned(3, 3, rngs=rngs)
        self.dense = nnx.Linear(5, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, points):
        x = self.aligned(points)
        return self.dense(x)
""",
    )
