"""Layers that name single precision."""

import math

import numpy as np
import tensorflow as tf
from tensorflow import keras

TABLE = np.array([0.1, 0.2, 0.3], np.float32)


class Casts(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
        self.factor = tf.constant(0.3)
        self.shift = tf.Variable(tf.ones([3], tf.float32), dtype=tf.float32)

    def call(self, x):
        x = tf.cast(x, tf.float32) + tf.range(0, 4, dtype=tf.float32) / 7.0
        y = self.dense(x) * self.factor * tf.cast(math.sqrt(3.0), tf.float32) * TABLE
        gate = tf.cast(y > 0.0, "float32") * 0.7
        return y * gate + self.shift * tf.sqrt(tf.constant(0.1)) + 1e-8


class Half(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)

    def call(self, x):
        return tf.cast(tf.cast(self.dense(x) > 0.0, tf.float16), tf.float32) + self.dense(x)


class Gelu(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(16, activation="gelu")
        self.dense = keras.layers.Dense(3, activation="softmax")

    def call(self, x):
        return self.dense(self.hidden(x))
