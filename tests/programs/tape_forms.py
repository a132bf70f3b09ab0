"""Tapes asked by a list of one, after other statements, by weights that have a name."""

import tensorflow as tf


class Critic(tf.keras.Model):
    def __init__(self, units=6):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(units, activation="tanh")
        self.score = tf.keras.layers.Dense(1)

    def score_of(self, x):
        return self.score(self.hidden(x))

    def call(self, x):
        mixed = 0.5 * x + 0.25
        with tf.GradientTape() as tape:
            tape.watch(mixed)
            score = self.score_of(mixed)
        shifted = x - 1.0
        slopes = tape.gradient(score, [mixed])[0]
        with tf.GradientTape() as tape2:
            tape2.watch(x)
            energy = tf.reduce_sum(tf.square(self.score_of(x)))
        (force,) = tape2.gradient(energy, [x])
        norm = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=1) + 1e-6)
        return shifted + force, tf.reduce_mean((norm - 1.0) ** 2)


def step(model, optimizer, x, y):
    """One step; the weights have a name."""
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model.score_of(x) - y))
    gradients = tape.gradient(loss, weights)
    optimizer.apply_gradients(zip(gradients, weights))
    return loss
