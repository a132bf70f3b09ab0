"""Python and tf loops in call: tf.range, a while loop, tf.cond, a static recurrence."""

import tensorflow as tf


class PowerIteration(tf.keras.layers.Layer):
    def __init__(self, steps=3):
        super().__init__()
        self.steps = steps
        self.dense = tf.keras.layers.Dense(6)

    @tf.function
    def call(self, x):
        w = self.dense(x)
        gram = tf.reduce_mean(tf.matmul(w, w, transpose_a=True), axis=0)
        v = tf.ones([6, 1])
        for _ in tf.range(self.steps):
            v = tf.matmul(gram, v)
            v = v / tf.norm(v)
        state = tf.zeros_like(x[:, 0])
        for t in range(x.shape[1]):
            state = 0.5 * state + x[:, t]
        sign = tf.cond(tf.reduce_sum(x) > 0, lambda: 1.0, lambda: -1.0)
        return tf.squeeze(v, -1), state * sign
