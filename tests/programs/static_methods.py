"""Static methods, which take no `self`."""

import tensorflow as tf
from tensorflow import keras


class Bias(keras.layers.Layer):
    def __init__(self, buckets=8, heads=2, **kwargs):
        super().__init__(**kwargs)
        self.buckets = buckets
        self.table = self.add_weight(name="table", shape=(buckets, heads))

    @staticmethod
    def bucket(distance, both=True, count=8):
        found = 0
        if both:
            count //= 2
            found += tf.cast(tf.math.greater(distance, 0), dtype=distance.dtype) * count
            distance = tf.math.abs(distance)
        else:
            distance = -tf.math.minimum(distance, 0)
        return found + tf.math.minimum(distance, count - 1)

    @staticmethod
    def scale(x, factor):
        return x * tf.cast(factor, x.dtype)

    def call(self, x):
        length = tf.shape(x)[1]
        distance = tf.range(length)[None, :] - tf.range(length)[:, None]
        index = self.bucket(distance, both=True, count=self.buckets)
        return x + self.scale(tf.reduce_mean(tf.gather(self.table, index)), 2)
