"""Masks through merges, attention, classes and functions."""

import tensorflow as tf
from tensorflow.keras import layers


class Encoder(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.attention = layers.MultiHeadAttention(2, units)
        self.add = layers.Add()
        self.norm = layers.LayerNormalization()

    def call(self, x):
        return self.norm(self.add([x, self.attention(x, x)]))


class Ids(layers.Layer):
    def __init__(self, vocab, dim):
        super().__init__()
        self.embedding = layers.Embedding(vocab, dim)

    def call(self, ids):
        return self.embedding(ids)

    def compute_mask(self, ids, mask=None):
        return tf.not_equal(ids, 0)


class Pool(layers.Layer):
    def __init__(self):
        super().__init__()
        self.pool = layers.GlobalAveragePooling1D()

    def call(self, x):
        return self.pool(x)


def embed(vocab, dim):
    ids = layers.Input((7,), dtype="int32")
    x = layers.Embedding(vocab, dim, mask_zero=True)(ids)
    return tf.keras.Model(ids, layers.Dense(dim)(x))


def build_model(vocab=8, dim=4):
    a = layers.Input((7,), dtype="int32")
    b = layers.Input((7,), dtype="int32")
    x = layers.Embedding(vocab, dim, mask_zero=True)(a)
    y = Ids(vocab, dim)(b)
    z = embed(vocab, dim)(b)
    both = layers.Add()([x, y])
    joined = layers.Concatenate(axis=1)([x, y])
    wide = layers.Concatenate()([both, z])
    e = Encoder(dim)(both)
    return tf.keras.Model(
        [a, b],
        [
            layers.GRU(3)(joined),
            layers.LSTM(3)(wide),
            layers.GlobalAveragePooling1D()(e),
            Pool()(z),
            layers.Bidirectional(layers.GRU(2))(z),
        ],
    )


class Classifier(tf.keras.Model):
    def __init__(self, vocab=8):
        super().__init__()
        self.embedding = layers.Embedding(vocab, 4, mask_zero=True)
        self.encoder = Encoder(4)
        self.pool = Pool()

    def call(self, ids):
        mask = self.embedding.compute_mask(ids)
        x = self.embedding(ids)
        x = self.encoder(x)
        return self.pool(x) * tf.reduce_mean(tf.cast(mask, tf.float32))
