"""Functions that build layers, handed to a function that applies them; every variable passed on."""

from tensorflow import keras


def encode(x, filters=4, strides=1):
    x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
    return keras.layers.BatchNormalization()(x)


def project(x, filters=4, strides=1):
    return keras.layers.Conv2D(filters, 1, strides=strides, activation="tanh")(x)


def towers(function, x, names, filters):
    found = {}
    for name in names:
        found[name] = function(x, filters=filters)
    return found


def net(size=8, filters=6, classes=3, kwargs=None):
    inputs = keras.Input((size, size, 3))
    encoded = towers(encode, inputs, ["a", "b"], filters)
    projected = towers(project, inputs, ["a", "b"], filters)
    x = encoded["a"] * projected["b"] + encoded["b"] * projected["a"]
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes)(x))


def small(size=8, classes=2, **kwargs):
    return net(**locals(), **kwargs)
