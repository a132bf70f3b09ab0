"""Layers and models that are made before a loop and applied in it: one set of weights."""

import tensorflow as tf
from tensorflow.keras import layers


def block(width=4):
    return tf.keras.Sequential([layers.Dense(8, activation="tanh"), layers.Dense(width)])


def build(steps=3):
    x = inputs = layers.Input((4,))
    refine = block()
    gate = layers.Dense(4, activation="sigmoid")
    norm = layers.LayerNormalization()
    for _ in range(steps):
        x = norm(x + gate(x) * refine(x))
        for _ in range(2):
            x = x + layers.Dense(4)(x) * gate(x)
    return tf.keras.Model(inputs, x)
