"""add_loss in call, in two modules, read back as losses; a counter of calls."""

import tensorflow as tf


class Sparse(tf.keras.layers.Layer):
    def __init__(self, rate=0.1):
        super().__init__()
        self.rate = rate
        self.calls = self.add_weight(name="calls", shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        self.add_loss(self.rate * tf.reduce_mean(tf.abs(x)))
        return x


class Net(tf.keras.Model):
    def __init__(self, units=5):
        super().__init__()
        self.inner = tf.keras.layers.Dense(units, activation="relu")
        self.sparse = Sparse()
        self.outer = tf.keras.layers.Dense(2)

    def call(self, x):
        h = self.sparse(self.inner(x))
        y = self.outer(h)
        self.add_loss(tf.reduce_mean(tf.square(y)))
        return y + tf.add_n(self.losses)
