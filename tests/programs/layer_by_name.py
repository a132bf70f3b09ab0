"""Layer classes chosen by name: getattr, a table, and eval."""

import tensorflow as tf
from tensorflow.keras import layers

BLOCKS = {"max": layers.MaxPooling2D, "avg": layers.AveragePooling2D}


def conv_stack(x, channel, pool="max", activation="ReLU", norm="BatchNormalization", count=2):
    for _ in range(count):
        x = layers.Conv2D(channel, 3, padding="same")(x)
        x = getattr(layers, norm)()(x)
        activation_func = eval("layers.{}".format(activation))
        x = activation_func(name="act_{}_{}".format(channel, _))(x)
    return BLOCKS[pool](pool_size=(2, 2))(x)


def build_model():
    inputs = tf.keras.Input((8, 8, 3))
    x = conv_stack(inputs, 4)
    x = conv_stack(x, 6, pool="avg", activation="LeakyReLU", norm="LayerNormalization", count=1)
    return tf.keras.Model(inputs, layers.Flatten()(x))
