"""Attention written with matmul and einsum; the reductions and element-wise functions around it."""

import math

import tensorflow as tf


def scaled_dot_product_attention(q, k, v, mask=None):
    logits = tf.matmul(q, k, transpose_b=True)
    dk = tf.cast(tf.shape(k)[-1], tf.float32)
    logits = logits / tf.math.sqrt(dk)
    if mask is not None:
        logits += mask * -1e9
    weights = tf.nn.softmax(logits, axis=-1)
    return tf.matmul(weights, v), weights


class MultiHead(tf.keras.layers.Layer):
    def __init__(self, width=16, heads=4):
        super().__init__()
        assert width % heads == 0
        self.heads, self.depth = heads, width // heads
        self.wq = tf.keras.layers.Dense(width)
        self.wk = tf.keras.layers.Dense(width)
        self.wv = tf.keras.layers.Dense(width)
        self.rel = self.add_weight(name="rel", shape=(heads, self.depth, self.depth))
        self.out = tf.keras.layers.Dense(width)

    def split_heads(self, x, batch_size):
        x = tf.reshape(x, (batch_size, -1, self.heads, self.depth))
        return tf.transpose(x, perm=[0, 2, 1, 3])

    def call(self, x):
        n = tf.shape(x)[0]
        q, k, v = (self.split_heads(w(x), n) for w in (self.wq, self.wk, self.wv))
        q = tf.einsum("bhqd,hde->bhqe", q, self.rel)
        causal = 1 - tf.linalg.band_part(tf.ones((x.shape[1], x.shape[1])), -1, 0)
        y, weights = scaled_dot_product_attention(q, k, v, causal)
        y = tf.reshape(tf.transpose(y, [0, 2, 1, 3]), (n, -1, self.heads * self.depth))
        entropy = -tf.reduce_sum(weights * tf.math.log(weights + 1e-9), axis=-1)
        stats = tf.stack(
            [
                tf.reduce_mean(entropy, [1, 2]),
                tf.reduce_max(y, axis=(1, 2)) * math.pi,
                tf.reduce_logsumexp(y, axis=[-1, -2]),
                tf.math.reduce_std(y, axis=[1, 2]),
            ],
            axis=-1,
        )
        return self.out(y), stats
