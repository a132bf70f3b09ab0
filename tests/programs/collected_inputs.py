"""Inputs that are made in loops and comprehensions, as lists and dicts."""

import tensorflow as tf
from tensorflow.keras import layers


def make(features=("a", "b")):
    inputs = {name: layers.Input((4,), name=name) for name in features}
    encoded = [layers.Dense(3)(inputs[name]) for name in features]
    x = layers.concatenate(encoded)
    outputs = {"score": layers.Dense(1)(x), "classes": layers.Dense(5, activation="softmax")(x)}
    return tf.keras.Model(inputs=inputs, outputs=outputs)


def make_list():
    inputs = []
    for i in range(3):
        inputs.append(layers.Input((2,), name=f"in_{i}"))
    x = layers.Concatenate()(inputs)
    return tf.keras.Model(inputs=inputs, outputs=[layers.Dense(2)(x), layers.Dense(3)(x)])


def make_dict(sizes=(2, 3)):
    inputs = {}
    for n in sizes:
        inputs[f"x{n}"] = layers.Input((4,), name=f"x{n}")
    x = layers.Add()([inputs[f"x{n}"] for n in sizes])
    return tf.keras.Model(inputs, layers.Dense(2)(x))


def make_towers(count=3):
    inputs = []
    encoded = []
    for i in range(count):
        x = layers.Input((4,))
        inputs.append(x)
        h = layers.Dense(3)(x)
        encoded.append(h)
    return tf.keras.Model(inputs, layers.Concatenate()(encoded))
