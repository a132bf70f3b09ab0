"""Lists of layers that a functional builder fills first and applies later."""

import tensorflow as tf
from tensorflow.keras import layers


def alike(count=3, filters=4):
    inputs = layers.Input((8, 8, 3))
    convs = [layers.Conv2D(filters, 3, padding="same", activation="relu") for _ in range(count)]
    x = inputs
    for conv in convs:
        x = conv(x)
    return tf.keras.Model(inputs, layers.Dense(2)(x))


def filled(count=3, size=4):
    inputs = layers.Input((8, 8, 3))
    convs = []
    for _ in range(count):
        convs.append(layers.Conv2D(size, 3, padding="same"))
    x = inputs
    for i in range(count):
        x = convs[i](x)
        x = layers.Activation("tanh")(x)
    return tf.keras.Model(inputs, x)


def stages(widths=(4, 6, 8), depths=(1, 2, 1)):
    inputs = layers.Input((16, 16, 3))
    # What makes each stage smaller.
    stem = tf.keras.Sequential(
        [layers.Conv2D(widths[0], 4, strides=4), layers.LayerNormalization()], name="stem"
    )
    downsample = [stem]
    for i in range(2):
        layer = tf.keras.Sequential(
            [layers.LayerNormalization(), layers.Conv2D(widths[i + 1], 2, strides=2)]
        )
        downsample.append(layer)
    x = inputs
    for i in range(3):
        x = downsample[i](x)
        for _ in range(depths[i]):
            x = x + layers.Dense(widths[i], activation="gelu")(x)
    return tf.keras.Model(inputs, x)


def unlike(size=4):
    inputs = layers.Input((8, 8, 3))
    steps = [
        tf.keras.Sequential([layers.Conv2D(size, 3), layers.ReLU()]),
        layers.MaxPooling2D(),
        layers.Conv2D(2 * size, 3, activation="tanh"),
    ]
    x = inputs
    for step in steps:
        x = step(x)
    return tf.keras.Model(inputs, layers.Dense(2)(x))
