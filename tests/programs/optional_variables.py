"""Variables that exist in some configurations only, and are None in the others."""

import tensorflow as tf


def shifted(x, bias=None):
    if bias is not None:
        return x + bias
    return x


class Affine(tf.keras.layers.Layer):
    def __init__(self, units, use_bias=True, center=True, scale=True):
        super().__init__()
        self.units = units
        self.use_bias = use_bias
        self.center = center
        self.scale = scale

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=[input_shape[-1], self.units])
        self.gamma = self.beta = None
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=[self.units])
        else:
            self.bias = None
        if self.center:
            self.beta = self.add_weight(name="beta", shape=[self.units])
        if self.scale:
            self.gamma = self.add_weight(name="gamma", shape=[self.units])

    def call(self, x):
        y = tf.matmul(x, self.kernel)
        # Without a bias there is nothing to add.
        if self.bias is not None:
            y += self.bias
        mean, variance = tf.nn.moments(y, [-1], keepdims=True)
        return tf.nn.batch_normalization(y, mean, variance, self.beta, self.gamma, 1e-3)


class Shift(tf.keras.layers.Layer):
    def __init__(self, use_bias=True):
        super().__init__()
        self.use_bias = use_bias

    def build(self, input_shape):
        self.bias = self.add_weight(name="bias", shape=[input_shape[-1]]) if self.use_bias else None

    def call(self, x):
        return shifted(x, self.bias)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.whole = Affine(6)
        self.bare = Affine(5, use_bias=False, center=False, scale=False)
        self.centred = Affine(4, use_bias=False, scale=False)
        self.stay = Shift(use_bias=False)

    def call(self, x):
        x = self.centred(self.bare(self.whole(x)))
        return self.stay(x)
