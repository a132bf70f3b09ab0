"""Static methods: the first parameter is no `self`."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_first_argument_keeps_its_own_dtype() -> None:
    text = check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Bias(keras.layers.Layer):
    @staticmethod
    def clipped(distance, limit=4):
        return tf.cast(distance > 0, distance.dtype) * limit

    def call(self, x):
        return self.clipped(x, limit=3)
"""
    ).text
    assert "(distance > 0).astype(distance.dtype) * limit" in text
