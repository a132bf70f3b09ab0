"""Several inputs as one list or tuple argument, unpacked in call and seen by build."""

import tensorflow as tf


class Bilinear(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        left, right = input_shape
        self.w = self.add_weight(
            name="w", shape=(self.units, left[-1], right[-1]), initializer="glorot_uniform"
        )

    def call(self, inputs):
        a, b = inputs
        return tf.einsum("bi,kij,bj->bk", a, self.w, b)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.bilinear = Bilinear(6)
        self.out = tf.keras.layers.Dense(2)

    def call(self, inputs, training=False):
        query, (key, bias) = inputs
        return self.out(self.bilinear([query, key])) + bias
