"""User layers that inherit from user layers and from Keras layers; abstract hooks; mixins."""

import tensorflow as tf


class Base(tf.keras.layers.Layer):
    units_scale = 1

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units * self.units_scale
        self.inner = self.make_inner()

    def make_inner(self):
        raise NotImplementedError

    def call(self, x):
        return self.post(self.inner(x))

    def post(self, x):
        return x


class DenseBlock(Base):
    def make_inner(self):
        return tf.keras.layers.Dense(self.units)

    def post(self, x):
        return tf.nn.relu(super().post(x))


class WideDenseBlock(DenseBlock):
    units_scale = 2

    def __init__(self, units):
        super().__init__(units, name="wide")
        self.norm = tf.keras.layers.LayerNormalization(axis=-1, scale=False)

    def call(self, x):
        return self.norm(super().call(x))


class ScaledDense(tf.keras.layers.Dense):
    """A Dense layer whose output is scaled."""

    def __init__(self, *args, factor=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.factor = factor

    def call(self, inputs):
        return self.factor * super().call(inputs)


def build_model():
    return tf.keras.Sequential([DenseBlock(6), WideDenseBlock(4), ScaledDense(3, factor=0.5)])
