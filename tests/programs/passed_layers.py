"""A layer that a model makes and passes to its parts; what the configuration of layers tells."""

import tensorflow as tf
from tensorflow import keras


class Decoder(keras.layers.Layer):
    def __init__(self, width, embed_tokens=None, **kwargs):
        super().__init__(**kwargs)
        self.embed_tokens = embed_tokens
        self.scale = width**0.5
        self.dense = keras.layers.Dense(width)

    def call(self, ids, training=None):
        ids = tf.clip_by_value(ids, 0, self.embed_tokens.input_dim - 1)
        x = self.embed_tokens(ids) * self.scale
        return self.dense(x) + self.dense.units


class Model(keras.Model):
    def __init__(self, vocabulary=20, width=8):
        super().__init__()
        self.shared = keras.layers.Embedding(vocabulary, width, name="shared")
        self.first = Decoder(width, self.shared, name="first")
        self.second = Decoder(width, embed_tokens=self.shared, name="second")
        self.head = keras.layers.Dense(3)

    def call(self, ids, training=None):
        x = self.first(ids) + self.second(ids, training=training)
        x = tf.reshape(x, [-1, 5, self.shared.output_dim])
        return tf.matmul(x, self.shared.weights[0], transpose_b=True), self.head(x)
