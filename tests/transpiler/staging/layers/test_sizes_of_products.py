"""Sizes of products: of a `Dot` layer, and of a tensor with an array that the object holds."""

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


def test_an_array_beside_an_axis_of_one_is_no_number() -> None:
    check_compile(
        """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Embedding(layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.steps = tf.exp(tf.range(size, dtype=tf.float32))

    def call(self, times):
        return times[:, None] * self.steps[None, :]


def network(units):
    times = keras.Input(())
    return keras.Model(times, layers.Dense(units)(Embedding(8)(times)))
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Embedding(nnx.Module):
    def __init__(self, size):
        self.steps = jnp.exp(jnp.arange(size, dtype=jnp.float32))

    def __call__(self, times):
        return times[:, None] * self.steps[None, :]


class Network(nnx.Module):
    def __init__(self, dense_in_features, units, *, rngs: nnx.Rngs):
        self.embedding = Embedding(8)
        self.dense = nnx.Linear(
            dense_in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, times):
        return self.dense(self.embedding(times))
""",
    )
