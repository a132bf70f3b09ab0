"""Gradients inside of a model: a gradient penalty, a tape in a tape; a step."""

import tensorflow as tf


class Penalty(tf.keras.Model):
    def __init__(self, units=6):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(units, activation="tanh")
        self.score = tf.keras.layers.Dense(1)

    def call(self, x):
        h = self.score(self.hidden(x))
        with tf.GradientTape() as tape:
            tape.watch(x)
            energy = tf.reduce_sum(self.score(self.hidden(x)))
        slopes = tape.gradient(energy, x)
        norm = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=1) + 1e-6)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = self.hidden(x)
            first = inner.gradient(y, x)
            product = tf.reduce_sum(first * first)
        second = outer.gradient(product, x)
        return h + tf.reduce_mean(tf.square(norm - 1.0)) + energy, second


def step(model, x, y):
    with tf.GradientTape() as tape:
        predicted = model(x)
        loss = tf.reduce_mean(tf.square(predicted - y))
    grads = tape.gradient(loss, model.trainable_variables)
    return loss, grads
