"""build() reads the input shape and creates sublayers and weights."""

import tensorflow as tf
from tensorflow.keras import layers


class SqueezeExcite(layers.Layer):
    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.reduce = layers.Dense(max(channels // self.ratio, 1), activation="relu")
        self.expand = layers.Dense(channels, activation="sigmoid")
        self.scale = self.add_weight("scale", shape=[channels], initializer="ones")
        self.built = True

    def call(self, x):
        s = tf.reduce_mean(x, axis=[1, 2], keepdims=True)
        s = self.expand(self.reduce(s))
        return x * s * self.scale


def build_model():
    return tf.keras.Sequential(
        [
            layers.Conv2D(16, 3, input_shape=(12, 12, 3)),
            SqueezeExcite(),
            layers.GlobalMaxPooling2D(),
            layers.Dense(3),
        ]
    )
