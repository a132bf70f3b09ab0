"""Masks: Masking, mask_zero, a layer with compute_mask and supports_masking, TimeDistributed."""

import tensorflow as tf
from tensorflow.keras import layers


class MaskedMean(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x, mask=None):
        if mask is None:
            return tf.reduce_mean(x, axis=1)
        weights = tf.cast(mask, x.dtype)[:, :, tf.newaxis]
        total = tf.reduce_sum(weights, axis=1)
        return tf.math.divide_no_nan(tf.reduce_sum(x * weights, axis=1), total)

    def compute_mask(self, inputs, mask=None):
        return None


def build_model(vocab=8):
    ids = layers.Input((9,), dtype="int32")
    frames = layers.Input((9, 3))
    x = layers.Embedding(vocab, 6, mask_zero=True)(ids)
    x = layers.Dropout(0.2)(x)
    x = layers.TimeDistributed(layers.Dense(5, activation="relu"))(x)
    y = layers.Masking(mask_value=0.0)(frames)
    y = layers.LSTM(4, return_sequences=True)(y)
    return tf.keras.Model([ids, frames], [MaskedMean()(x), layers.GRU(3)(y)])
