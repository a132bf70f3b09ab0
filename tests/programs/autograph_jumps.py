"""Loops on tensors with break and continue that depend on data; a loop that counts."""

import tensorflow as tf


class Search(tf.keras.layers.Layer):
    def __init__(self, steps=4):
        super().__init__()
        self.steps = steps
        self.dense = tf.keras.layers.Dense(5, activation="tanh")

    def first_large(self, rows):
        best = tf.zeros([5])
        for row in rows:
            best = tf.maximum(best, row)
            if tf.reduce_sum(row) > 2.0:
                break
        return best

    @tf.function
    def call(self, x):
        h = self.dense(x)
        total = tf.zeros([5])
        for row in h:
            if tf.reduce_max(row) > 0.9:
                continue
            total += row
            if tf.reduce_sum(total) > 4.0:
                break
        i = tf.constant(0)
        while i < self.steps:
            h = self.dense(tf.concat([h, x[:, 5:]], axis=-1))
            i += 1
        energy = tf.reduce_sum(tf.square(h))
        rounds = tf.constant(0)
        while energy > 0.5:
            energy = energy * 0.5
            rounds += 1
            if rounds > 7:
                break
        for k in tf.range(self.steps):
            if k % 2 == 0:
                total = total * 0.5 + tf.cast(k, tf.float32)
        return h + total + self.first_large(h), tf.cast(rounds, tf.float32)
