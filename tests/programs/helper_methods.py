"""Methods that are called with other values each time; weights made in helpers of `build`."""

import tensorflow as tf
from tensorflow.keras import layers


class Att(layers.Layer):
    def __init__(self, units, kind="a", **kw):
        super().__init__(**kw)
        self.units = units
        self.kind = kind

    def build(self, input_shape):
        if self.kind == "a":
            self._build_a(input_shape)
        else:
            self._build_b(input_shape)
        super().build(input_shape)

    def _build_a(self, input_shape):
        dim = int(input_shape[-1])
        self.w = self.add_weight(shape=(dim, self.units), name="w", initializer="uniform")
        self.b = self.add_weight(shape=(self.units,), name="b", initializer="zeros")

    def _build_b(self, input_shape):
        dim = int(input_shape[-1])
        self.w = self.add_weight(shape=(dim, dim), name="w", initializer="uniform")

    def call(self, x):
        return tf.matmul(x, self.w)


class Twice(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.c1 = layers.Dense(3)
        self.c2 = layers.Dense(5)

    def scaled(self, x, factor, axis=None):
        if factor == 1:
            return x
        if axis is None:
            return x * factor
        return tf.reduce_sum(x, axis, keepdims=True) * factor

    def _apply(self, layer, x):
        return tf.nn.relu(layer(x))

    def pooled(self, x):
        return tf.reduce_mean(x, list(range(1, x.shape.rank)))

    def call(self, x):
        x = self.scaled(x, 1)
        x = self.scaled(x, 2.0)
        y = self._apply(self.c1, x)
        y = self._apply(self.c2, y)
        mean = self.pooled(x) + self.pooled(tf.reshape(x, (-1, 2, 2, 1)))
        return y * tf.reshape(mean, (-1, 1))


def build_model():
    i = tf.keras.Input((4,))
    return tf.keras.Model(i, layers.Dense(2)(Twice()(Att(4)(i))))
