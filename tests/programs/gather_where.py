"""where, gather (with axis and batch_dims), one_hot, cast, comparisons, clip, argmax, top_k."""

import tensorflow as tf


class Router(tf.keras.Model):
    def __init__(self, experts=4, units=5):
        super().__init__()
        self.experts = experts
        self.gate = tf.keras.layers.Dense(experts, use_bias=False)
        self.values = tf.keras.layers.Dense(experts * units)
        self.units = units

    def call(self, x, index):
        logits = tf.clip_by_value(self.gate(x), -3.0, 3.0)
        masked = tf.where(logits > 0, logits, tf.fill(tf.shape(logits), -1e9))
        best = tf.argmax(masked, axis=-1, output_type=tf.int32)
        chosen = tf.one_hot(best, self.experts, on_value=1.0, off_value=0.0)
        values = tf.reshape(self.values(x), [-1, self.experts, self.units])
        out = tf.reduce_sum(values * chosen[:, :, None], axis=1)
        picked = tf.gather(values, index, axis=1, batch_dims=1)
        top, _ = tf.math.top_k(logits, k=2)
        valid = tf.cast(tf.not_equal(index, 0), x.dtype)
        keep = tf.logical_and(index >= 1, tf.less(index, 3))
        return out, picked * valid[..., tf.newaxis], top, tf.cast(keep, tf.float32)
