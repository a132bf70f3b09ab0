"""Methods, properties and layers of a module, used by the module around it."""

import tensorflow as tf
from tensorflow import keras


class Encoder(keras.layers.Layer):
    def __init__(self, vocabulary, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.embed = keras.layers.Embedding(vocabulary, width, name="embed")
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.hidden = keras.layers.Dense(2 * width, activation="relu")

    def embed_tokens(self, ids):
        return self.embed(ids) * tf.math.sqrt(tf.cast(self.width, tf.float32))

    def get_embeddings(self):
        return self.embed

    @property
    def table(self):
        return self.embed.weights[0]

    def call(self, ids, training=None):
        x = self.embed_tokens(ids)
        return self.hidden(self.norm(x), training=training)


class Model(keras.Model):
    def __init__(self, vocabulary=20, width=8, classes=3):
        super().__init__()
        self.encoder = Encoder(vocabulary, width)
        self.project = keras.layers.Dense(width)
        self.head = keras.layers.Dense(classes)

    def call(self, ids, training=None):
        x = self.project(self.encoder(ids, training=training))
        x = x + self.encoder.embed_tokens(ids)
        first = tf.matmul(x, self.encoder.embed.weights, transpose_b=True)
        second = tf.matmul(x, self.encoder.embed.weights[0], transpose_b=True)
        third = tf.matmul(x, self.encoder.get_embeddings().embeddings, transpose_b=True)
        fourth = tf.einsum("bld,vd->blv", x, self.encoder.table)
        fifth = self.head(self.encoder.embed(ids))
        kernel = self.head.trainable_weights[0]
        return first, second + third + fourth, fifth @ tf.transpose(kernel)
