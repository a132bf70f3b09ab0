"""Inputs that a layer normalises by what it has adapted to."""

import tensorflow as tf


def build_model(units):
    inputs = tf.keras.Input((3,))
    x = tf.keras.layers.Normalization()(inputs)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(units)(x))
