"""tf.nn on hand-made variables: conv2d, pooling, moments, dropout, batch_normalization."""

import tensorflow as tf


class HandMade(tf.keras.layers.Layer):
    def __init__(self, filters, rate=0.5):
        super().__init__()
        self.filters = filters
        self.rate = rate

    def build(self, input_shape):
        c = input_shape[-1]
        self.w = self.add_weight("w", [3, 3, c, self.filters])
        self.dw = self.add_weight("dw", [3, 3, self.filters, 1])
        self.gamma = self.add_weight("gamma", [self.filters], initializer="ones")
        self.beta = self.add_weight("beta", [self.filters], initializer="zeros")

    def call(self, x, training=False):
        x = tf.nn.conv2d(x, self.w, strides=[1, 2, 2, 1], padding="SAME")
        mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
        x = tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, 1e-5)
        x = tf.nn.depthwise_conv2d(x, self.dw, strides=[1, 1, 1, 1], padding="VALID")
        x = tf.nn.max_pool2d(tf.nn.bias_add(x, self.beta), 2, 2, padding="SAME")
        if training:
            x = tf.nn.dropout(x, rate=self.rate)
        return tf.nn.avg_pool2d(x, ksize=2, strides=1, padding="VALID")
