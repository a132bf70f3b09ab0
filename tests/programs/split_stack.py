"""split (count and sizes), unstack, stack, concat on several axes, slicing with strides."""

import tensorflow as tf


class Gated(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.kernel = tf.keras.layers.Dense(4 * units)

    def call(self, x):
        i, f, g, o = tf.split(self.kernel(x), num_or_size_splits=4, axis=-1)
        state = tf.sigmoid(f) * i + tf.sigmoid(o) * tf.tanh(g)
        head, tail = tf.split(state, [self.units - 1, 1], axis=2)
        steps = tf.unstack(head, axis=1)
        even = tf.stack(steps[::2], axis=1)
        odd = state[:, 1::2, ..., ::-1]
        return tf.concat([even, odd[..., :-1]], 1), tail
