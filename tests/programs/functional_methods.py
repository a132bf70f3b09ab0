"""A functional model whose constructor leaves parts of the graph to methods."""

import tensorflow as tf


class Pyramid(tf.keras.Model):
    def __init__(self, widths=(4, 6), activation="relu", **kwargs):
        self._widths = widths
        self._activation = activation
        inputs = tf.keras.Input(shape=(8, 8, 3))
        x = self._stem(inputs)
        endpoints = {}
        for i, width in enumerate(widths):
            x = self._group(x, width, repeats=i + 1)
            endpoints[str(i)] = x
        super().__init__(inputs=inputs, outputs=endpoints, **kwargs)

    def _stem(self, inputs):
        return self._conv(inputs, 4, 2)

    def _group(self, inputs, width, repeats):
        x = self._conv(inputs, width, 1)
        for _ in range(1, repeats):
            x = x + self._conv(x, width, 1)
        return x

    def _conv(self, x, width, strides):
        x = tf.keras.layers.Conv2D(width, 3, strides=strides, padding="same")(x)
        return tf.keras.layers.Activation(self._activation)(x)
