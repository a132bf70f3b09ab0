"""Patches taken from images, and put back; one layer that nothing calls."""

import tensorflow as tf
from tensorflow.keras import layers


class Extract(layers.Layer):
    def __init__(self, patch_size, **kwargs):
        super().__init__(**kwargs)
        self.size = patch_size[0]

    def call(self, images):
        batch = tf.shape(images)[0]
        patches = tf.image.extract_patches(
            images=images,
            sizes=(1, self.size, self.size, 1),
            strides=(1, self.size, self.size, 1),
            rates=(1, 1, 1, 1),
            padding="VALID",
        )
        dim = patches.shape[-1]
        count = patches.shape[1]
        return tf.reshape(patches, (batch, count * count, dim))


class Expand(layers.Layer):
    def __init__(self, num_patch, dim, rate=2, flat=True, **kwargs):
        super().__init__(**kwargs)
        self.flat = flat
        self.num_patch = num_patch
        self.rate = rate
        self.linear = layers.Conv2D(rate * dim, 1, use_bias=False)
        self.unused = layers.Conv2D(rate * dim, 1, use_bias=False)

    def call(self, x):
        H, W = self.num_patch
        B, L, C = x.get_shape().as_list()
        assert L == H * W
        x = tf.reshape(x, (-1, H, W, C))
        x = self.linear(x)
        x = tf.nn.depth_to_space(x, self.rate)
        if self.flat:
            x = tf.reshape(x, (-1, L * self.rate * self.rate, C // 2))
        return x


def build():
    inputs = tf.keras.Input((8, 8, 3))
    x = Extract((2, 2))(inputs)
    x = layers.Dense(8)(x)
    x = Expand((4, 4), 8)(x)
    x = layers.Dense(8)(x)
    x = Expand((8, 8), 8, flat=False)(x)
    return tf.keras.Model(inputs, layers.Dense(3)(x))
