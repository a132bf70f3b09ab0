"""Functions without a name that build layers: each call of one builds new layers."""

from tensorflow import keras
from tensorflow.keras import layers


def dense_relu(units):
    return lambda t: layers.Dense(units, activation="relu")(t)


def repeat(block, x, times):
    for _ in range(times):
        x = block(x)
    return x


def build_model():
    inputs = keras.Input((6,))
    same = lambda t: layers.Dense(6)(t)  # noqa: E731
    x = same(same(inputs))
    block = dense_relu(5)
    x = block(block(x))
    x = repeat(lambda t: layers.Add()([t, layers.Dense(5)(t)]), x, 3)
    make = lambda units: layers.Dense(units, use_bias=False)  # noqa: E731
    x = make(7)(x)
    scaled = lambda t, units: layers.LayerNormalization()(layers.Dense(units)(t))  # noqa: E731
    for units in [4, 3]:
        x = scaled(x, units)
    return keras.Model(inputs, make(2)(x))
