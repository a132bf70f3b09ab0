"""Layers made in loops, with the skip connections kept in a list."""

import tensorflow as tf
from tensorflow.keras import layers as L


def double_conv(x, filters):
    for _ in range(2):
        x = L.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def unet(size=32, filters=(4, 8, 16), n_labels=2):
    inputs = L.Input((size, size, 1))
    x = inputs
    skips = []
    for f in filters[:-1]:
        x = double_conv(x, f)
        skips.append(x)
        x = L.MaxPooling2D((2, 2))(x)

    x = double_conv(x, filters[-1])

    for f, skip in zip(filters[-2::-1], reversed(skips)):
        x = L.UpSampling2D(size=(2, 2))(x)
        x = L.concatenate([skip, x], axis=-1)
        x = double_conv(x, f)
    outputs = L.Conv2D(n_labels, 1, activation="softmax")(x)
    return tf.keras.Model(inputs=[inputs], outputs=[outputs])
