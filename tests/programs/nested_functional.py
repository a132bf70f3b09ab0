"""A functional model used as a layer of another one, and Model([...]) on inner tensors."""

import tensorflow as tf
from tensorflow.keras import layers


def make_encoder(size):
    inp = layers.Input((size, size, 3))
    low = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="low")(inp)
    high = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="high")(low)
    return tf.keras.Model(inp, [low, high], name="encoder")


def build_model(size=16):
    encoder = make_encoder(size)
    image = layers.Input(shape=(size, size, 3))
    low, high = encoder(image)
    high = layers.UpSampling2D()(high)
    x = layers.Concatenate()([low, high])
    x = layers.Conv2D(2, 1)(x)
    return tf.keras.Model(inputs=image, outputs=x)
