"""Attributes that hold one of two modules, set in branches; pairs from whichever it is."""

import tensorflow as tf


class Patches(tf.keras.layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.projection = tf.keras.layers.Conv2D(size, 2, 2)

    def call(self, x, training=False, return_shape=False):
        x = self.projection(x)
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        x = tf.reshape(x, (batch, height * width, -1))
        return (x, (height, width)) if return_shape else x


class Hybrid(tf.keras.layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.stem = tf.keras.layers.Conv2D(7, 3, padding="same")
        self.projection = tf.keras.layers.Conv2D(size, 2, 2)

    def call(self, x, training=False, return_shape=False):
        x = self.stem(x)
        x = self.projection(x)
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        x = tf.reshape(x, (batch, height * width, -1))
        return (x, (height, width)) if return_shape else x


class Net(tf.keras.Model):
    def __init__(self, kind="hybrid", size=8, pool="avg"):
        super().__init__()
        if kind == "patches":
            self.patch_embed = Patches(size)
        elif kind == "hybrid":
            self.patch_embed = Hybrid(size=size)
        else:
            raise ValueError(kind)
        self.pool = tf.keras.layers.GlobalAveragePooling1D()
        if pool == "max":
            self.pool = tf.keras.layers.GlobalMaxPooling1D()
        if size > 4:
            norm = tf.keras.layers.LayerNormalization()
        else:
            norm = tf.keras.layers.BatchNormalization()
        self.norm = norm
        self.act = tf.keras.layers.ReLU() if size > 4 else tf.keras.layers.Dense(5)
        self.head = tf.keras.layers.Dense(3)

    def call(self, x, training=False):
        x, shape = self.patch_embed(x, return_shape=True)
        x = self.norm(x, training=training)
        x = self.act(x)
        return self.head(self.pool(x))
