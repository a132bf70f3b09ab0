"""Stages with layers in lists that indices find, sizes of an image handed from layer to layer."""

import tensorflow as tf


class Patches(tf.keras.layers.Layer):
    """Cuts an image into patches in a row; on request it tells how many there are each way."""

    def __init__(self, width, stride=None, flatten=True, **kwargs):
        super().__init__(**kwargs)
        self.stride = stride or 2
        self.flatten = flatten
        self.conv = tf.keras.layers.Conv2D(width, 3, strides=self.stride, padding="same")

    def call(self, x, return_shape=False):
        x = self.conv(x)
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        if self.flatten:
            x = tf.reshape(x, (batch, height * width, -1))
        return (x, (height, width)) if return_shape else x


class Block(tf.keras.layers.Layer):
    """A convolution over patches in a row."""

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.conv = tf.keras.layers.DepthwiseConv2D(3, padding="same")
        self.out = tf.keras.layers.Dense(width)

    def call(self, x):
        x, grid = x
        shortcut = x
        batch, _, width = tf.unstack(tf.shape(x))
        x = tf.reshape(x, (batch, *grid, width))
        x = self.conv(x)
        x = tf.reshape(x, (batch, -1, width))
        return self.out(x) + shortcut


class Pyramid(tf.keras.Model):
    def __init__(self, widths=(8, 12), depths=(1, 2), classes=5):
        super().__init__()
        self.widths = widths
        self.depths = depths
        self.patches = []
        self.blocks = []
        self.norms = []
        for i in range(len(depths)):
            self.patches.append(Patches(widths[i]))
            for _ in range(depths[i]):
                self.blocks.append(Block(widths[i]))
            self.norms.append(tf.keras.layers.LayerNormalization())
        self.head = tf.keras.layers.Dense(classes)

    def call(self, x):
        batch = tf.shape(x)[0]
        k = 0
        for stage in range(len(self.depths)):
            x, grid = self.patches[stage](x, return_shape=True)
            for _ in range(self.depths[stage]):
                x = self.blocks[k]((x, grid))
                k += 1
            x = self.norms[stage](x)
            x = tf.reshape(x, (batch, *grid, -1))
        x = tf.reshape(x, (batch, -1, self.widths[-1]))
        return self.head(tf.reduce_mean(x, axis=1))
