"""Subclassed layers with weights of their own, an embedding, attention, state."""

import tensorflow as tf
from tensorflow import keras


class Scale(keras.layers.Layer):
    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")
        self.shift = self.add_weight(shape=(shape[-1],), initializer="zeros", name="shift")
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")

    def call(self, x, training=False):
        if training:
            self.seen.assign_add(1.0)
        return x * self.gain + self.shift


class Encoder(keras.Model):
    def __init__(self, size=12, depth=2):
        super().__init__()
        self.embed = keras.layers.Embedding(20, size)
        self.scales = [Scale() for _ in range(depth)]
        self.attention = keras.layers.MultiHeadAttention(3, 4)
        self.norm = keras.layers.BatchNormalization()
        self.drop = keras.layers.Dropout(0.5)

    def call(self, tokens, mask, training=False):
        x = self.embed(tokens)
        for scale in self.scales:
            x = scale(x, training=training)
        x = self.attention(x, x, attention_mask=mask[:, None, :])
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        return self.norm(x, training=training), lengths
