"""Sizes that only the data tells: they cancel where tensors are reshaped."""

import tensorflow as tf


class Patches(tf.keras.layers.Layer):
    def __init__(self, dim):
        super().__init__()
        self.proj = tf.keras.layers.Conv2D(dim, 4, 4)
        self.norm = tf.keras.layers.LayerNormalization()

    def call(self, x):
        x = self.proj(x)
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        x = tf.reshape(x, (batch, height * width, -1))
        return self.norm(x)


class Attention(tf.keras.layers.Layer):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = tf.keras.layers.Dense(3 * dim)
        self.proj = tf.keras.layers.Dense(dim)

    def call(self, x):
        batch, length = tf.unstack(tf.shape(x)[:2])
        qkv = self.qkv(x)
        qkv = tf.reshape(qkv, (batch, length, 3, self.heads, -1))
        qkv = tf.transpose(qkv, (2, 0, 3, 1, 4))
        q, k, v = tf.unstack(qkv)
        attn = tf.nn.softmax(tf.linalg.matmul(q, k, transpose_b=True))
        x = tf.transpose(tf.linalg.matmul(attn, v), (0, 2, 1, 3))
        x = tf.reshape(x, (batch, length, -1))
        return self.proj(x)


class DropPath(tf.keras.layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.keep = 1.0 - rate

    def call(self, x, training=False):
        if not training:
            return x
        shape = (tf.shape(x)[0],) + (1,) * (len(tf.shape(x)) - 1)
        mask = tf.floor(self.keep + tf.random.uniform(shape, dtype=x.dtype))
        return tf.math.divide(x, self.keep) * mask


class Groups(tf.keras.layers.Layer):
    def __init__(self, groups, dim):
        super().__init__()
        self.groups = groups
        self.first = tf.keras.layers.Dense(dim)
        self.second = tf.keras.layers.Dense(dim)
        self.third = tf.keras.layers.Dense(dim)

    def call(self, x):
        shape = tf.shape(x)
        y = tf.reshape(x, tf.concat([shape[:-1], [self.groups, -1]], axis=0))
        y = tf.reduce_sum(self.first(y), axis=2)
        z = tf.reshape(x, tf.stack([shape[0], tf.reduce_prod(shape[1:3]), 1]))
        z = tf.reduce_mean(self.second(z), axis=1, keepdims=True)
        w = tf.reshape(x, x.shape[:-1] + (self.groups, x.shape[-1] // self.groups))
        return y + z + tf.reduce_max(self.third(w), axis=2)


class Net(tf.keras.Model):
    def __init__(self, dim=8, heads=2):
        super().__init__()
        self.patches = Patches(dim)
        self.attention = Attention(dim, heads)
        self.drop = DropPath(0.1)
        self.groups = Groups(2, dim)
        self.head = tf.keras.layers.Dense(5)

    def call(self, x, training=False):
        x = self.patches(x)
        x = x + self.drop(self.attention(x), training=training)
        return self.head(self.groups(x))
