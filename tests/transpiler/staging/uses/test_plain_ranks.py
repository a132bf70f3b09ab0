"""Functions that give something else for each rank, and sizes that the ranks of a call tell."""

from __future__ import annotations

from tests.harness import check_compile

SOURCE = """
import tensorflow as tf
from tensorflow.keras import backend as K


def product(a, b, swap=False):
    if swap:
        b = tf.einsum("...ij->...ji", b)
    if K.ndim(a) == K.ndim(b):
        return tf.matmul(a, b)
    return tf.py_function(lambda x, y: x, [a, b], tf.float32)


class Spread(tf.keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.dense = tf.keras.layers.Dense(width)

    def call(self, inputs):
        x, a = inputs
        return product(a, self.dense(x))


class Net(tf.keras.Model):
    def __init__(self, width):
        super().__init__()
        self.first = Spread(width)
        self.second = Spread(3)

    def call(self, inputs):
        x, a = inputs
        return self.second([self.first([x, a]), a])


def run(width):
    x, a = tf.ones((4, 5)), tf.ones((4, 4))
    return Net(width)([x, a])
"""


def test_the_ranks_of_a_call_tell_the_size() -> None:
    file = check_compile(SOURCE, left=["TJ2010"])
    assert "spread_in_features" in file.text  # of any other rank, nobody knows
    assert "Net(5, width, width, rngs=nnx.Rngs(0))" in file.text


def test_other_ranks_leave_it_open() -> None:
    check_compile(
        SOURCE.replace("tf.ones((4, 4))", "tf.ones((2, 4, 4))"), left=["TJ2010", "TJ4001"]
    )
