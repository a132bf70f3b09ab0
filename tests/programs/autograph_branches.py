"""Python branches on tensors in call: one and several variables, state, early return, nesting."""

import tensorflow as tf


class Gates(tf.keras.layers.Layer):
    def __init__(self, units=6):
        super().__init__()
        self.dense = tf.keras.layers.Dense(units)
        self.other = tf.keras.layers.Dense(units)
        self.count = tf.Variable(0.0, trainable=False)

    def scale(self, h):
        if tf.reduce_max(h) > 100.0:
            return h / 100.0
        return h * 2.0

    def call(self, x):
        h = self.dense(x)
        if tf.reduce_sum(h) > 0:
            h = h * 2.0
            y = self.other(x) + h
        elif tf.reduce_sum(h) > -1.0 and not tf.reduce_any(h > 3.0):
            y = h - 1.0
        else:
            y = self.scale(h)
        sign = 1.0 if tf.reduce_mean(x) > 0 else -1.0
        peak = tf.reduce_max(tf.abs(y))
        if 0.0 < peak < 2.0:
            y += 1.0
            self.count.assign_add(1.0)
        else:
            self.count.assign_sub(peak)
        if self.count > 0:
            z = y if tf.reduce_min(y) > 0 else tf.nn.relu(y)
        else:
            z = y
        if tf.reduce_mean(z) < -3.0:
            return z
        z = z * sign
        return z + self.count
