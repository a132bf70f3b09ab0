"""What functions give that are handed over: sizes behind `Lambda` layers."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

SOURCE = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K, layers


def named(x):
    first, second = tf.split(x, 2, axis=-1)
    return first * second


def build():
    def local(x):
        y = tf.transpose(x, [0, 2, 1])
        return y

    inputs = layers.Input((6, 4))
    x = layers.Lambda(FUNCTION)(inputs)
    return keras.Model(inputs, layers.Dense(3)(x))
"""


@pytest.mark.parametrize(
    ("function", "size"),
    [
        ("lambda v: v[:, 0]", 4),
        ("lambda v: tf.concat([v, K.square(v)], axis=-1)", 8),
        ("named", 2),
        ("local", 6),
        ("lambda v, scale=2.0: tf.reshape(v * scale, (-1, 24))", 24),
    ],
)
def test_the_layer_behind_knows_its_size(function: str, size: int) -> None:
    text = check_compile(SOURCE.replace("FUNCTION", function)).text
    assert f"nnx.Linear({size}, 3" in " ".join(text.split())


def test_what_a_lambda_is_given_may_be_no_tensor() -> None:
    source = """\
def all_integers(values):
    return all(map(lambda v: isinstance(v, int), values))
"""
    check_compile(source, source)


def test_variables_of_the_function_are_its_own() -> None:
    before = """\
from tensorflow.keras import layers


class Net(layers.Layer):
    def __init__(self, index):
        super().__init__()
        self.index = index
        self.pick = layers.Lambda(lambda t: t[:, self.index, :])

    def build(self, shape):
        n = shape[-1]
        self.scale = layers.Lambda(lambda x: sum([x / m for m in (1, n)]))

    def call(self, inputs):
        return self.pick(inputs) + self.scale(inputs)
"""
    after = """\
from flax import nnx


class Net(nnx.Module):
    def __init__(self, in_features, index):
        self.index = index
        n = in_features
        self.n = n

    def __call__(self, inputs):
        return inputs[:, self.index, :] + sum([inputs / m for m in (1, self.n)])
"""
    check_compile(before, after)
