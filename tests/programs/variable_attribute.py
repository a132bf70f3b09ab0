"""tf.Variable attributes: trainable, constant buffer, learned token."""

import numpy as np
import tensorflow as tf


class Tokens(tf.keras.layers.Layer):
    def __init__(self, dim, length):
        super().__init__()
        self.cls = tf.Variable(tf.zeros([1, 1, dim]), trainable=True, name="cls")
        angles = np.arange(length + 1)[:, None] / np.power(10.0, np.arange(dim)[None] / dim)
        self.pos = tf.constant(np.sin(angles)[None], dtype=tf.float32)
        self.temperature = tf.Variable(1.5, name="temperature", dtype=tf.float32)

    def call(self, x):
        batch = tf.shape(x)[0]
        cls = tf.tile(self.cls, [batch, 1, 1])
        x = tf.concat([cls, x], axis=1)
        return (x + self.pos) / self.temperature
