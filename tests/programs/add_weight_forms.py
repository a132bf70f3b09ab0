"""add_weight: positional and keyword forms, initializers as strings, objects and functions."""

import tensorflow as tf
from tensorflow.keras import initializers


class Mix(tf.keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        d = input_shape[-1]
        self.a = self.add_weight("a", (d, self.units), initializer="he_uniform", trainable=True)
        self.b = self.add_weight(
            name="b", shape=(self.units,), initializer=initializers.Constant(0.5)
        )
        self.c = self.add_weight(
            name="c",
            shape=[self.units],
            dtype=tf.float32,
            initializer=tf.random_normal_initializer(stddev=0.02),
        )
        self.d = self.add_weight(
            name="d", shape=(), initializer=tf.zeros_initializer(), trainable=False
        )
        super().build(input_shape)

    def call(self, x):
        return tf.tensordot(x, self.a, axes=1) * self.b + self.c + self.d


def build_model():
    return tf.keras.Sequential([Mix(8), Mix(4)])
