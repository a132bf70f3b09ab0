"""Functional models that a function builds on the way to another."""

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


def siamese(size=8, depth=2):
    a = layers.Input((size,))
    h = layers.Dense(16, activation="relu")(a)
    for _ in range(depth):
        h = layers.Dense(16)(h)
    tower = tf.keras.Model(a, h, name="tower")
    left = layers.Input((size,))
    right = layers.Input((size,))
    d = layers.Subtract()([tower(left), tower(right)])
    out = layers.Dense(1, activation="sigmoid")(d)
    return tf.keras.Model([left, right], out)


def autoencoder(size=16, code=2, hidden=(8,)):
    inputs = keras.Input((size,), name="encoder_input")
    x = inputs
    for n in hidden:
        x = layers.Dense(n, activation="relu")(x)
    mean = layers.Dense(code, name="mean")(x)
    scale = layers.Dense(code, name="scale")(x)
    encoder = keras.Model(inputs, [mean, scale], name="encoder")

    latent = keras.Input((code,), name="z")
    x = layers.Dense(8, activation="relu")(latent)
    outputs = layers.Dense(size, activation="sigmoid")(x)
    decoder = keras.Model(latent, outputs, name="decoder")

    outputs = decoder(encoder(inputs)[0])
    return keras.Model(inputs, outputs, name="autoencoder")
