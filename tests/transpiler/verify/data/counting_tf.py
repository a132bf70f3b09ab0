import warnings

import tensorflow as tf


class Counting(tf.keras.layers.Layer):
    """State of integers, a variable that is not trained, a loop on tensors, a warning."""

    def __init__(self):
        super().__init__()
        warnings.warn("Counting is old", DeprecationWarning, stacklevel=1)

    def build(self, shape):
        self.w = self.add_weight(name="w", shape=(shape[-1],), initializer="ones")
        self.table = self.add_weight(
            name="table", shape=(shape[-1],), initializer="ones", trainable=False
        )
        self.count = self.add_weight(
            name="count", shape=(), dtype="int64", initializer="zeros", trainable=False
        )

    @tf.function
    def call(self, x):
        self.count.assign_add(1)
        i = tf.constant(0)
        while i < 3:
            x = tf.tanh(x * self.w)
            i += 1
        return x + self.table
