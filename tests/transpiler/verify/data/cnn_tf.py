"""A residual CNN: functional, with a helper that makes layers, and a nested functional model."""

import tensorflow as tf
from tensorflow.keras import layers


def block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.DepthwiseConv2D(3, padding="same")(y)
    shortcut = layers.Conv2D(filters, 1)(x)
    return layers.add([shortcut, y])


def head(features, classes):
    inputs = layers.Input((features,))
    x = layers.Dense(features, activation="tanh")(inputs)
    return tf.keras.Model(inputs, layers.Dense(classes)(x))


def cnn(classes=5):
    inputs = layers.Input((12, 12, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D()(block(x, 8))
    x = layers.Conv2DTranspose(8, 2, strides=2, padding="same")(x)
    classify = head(8, classes)
    x = layers.Dense(8)(layers.GlobalAveragePooling2D()(x))
    return tf.keras.Model(inputs, {"logits": classify(x), "features": x})
