"""Dicts of tensors: filled in loops, by number and by name, walked through and handed on."""

import tensorflow as tf
from tensorflow.keras import layers


def endpoints(x, widths, start=2):
    found = {}
    for index, width in enumerate(widths):
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        found[str(index + start)] = x
    found["pooled"] = layers.Conv2D(widths[-1], 1)(x)
    return found


def heads(features, units):
    """One head a level."""
    outputs = {}
    for name, feature in features.items():
        outputs[name] = layers.Dense(units)(feature)
    return outputs


def scaled(width, x):
    filters = width
    kept = []
    x = layers.Dense(filters)(x)
    kept.append(x)
    filters = filters * 2
    x = layers.Dense(filters)(x)
    kept.append(x)
    filters *= 2
    y = layers.Dense(3)(kept[0])
    return layers.Dense(3)(kept[-1]) + y, filters


def counted(x, widths):
    """A list of numbers beside one of tensors, both begun before the loop."""
    depths, kept = [], []
    depths.append(len(widths) + 1)
    kept.append(x)
    for i, width in enumerate(widths):
        x = layers.Dense(width)(x)
        depths.append(len(widths) - i)
        kept.append(x)
    for depth in depths[::-1]:
        x = layers.Dense(depth)(x)
    return layers.Concatenate()([x] + kept)


def stale(x, n):
    """Sizes that are asked for after the variables that told them have changed."""
    for i in range(n):
        x = layers.Dense(4 + i)(x)
    early = [x]
    y = x
    pair = (x, y)
    for i in range(n):
        x = layers.Dense(7 + i)(x)
    z = layers.Dense(2)(early[0]) + layers.Dense(2)(y) + layers.Dense(2)(pair[1])
    return z + layers.Dense(2)(x)

def build(widths=(4, 6), units=5, width=3):
    inputs = tf.keras.Input((8, 8, 3))
    found = endpoints(inputs, widths)
    found = heads(found, units)
    parts = [layers.GlobalAveragePooling2D()(t) for t in found.values()]
    parts.append(layers.GlobalMaxPooling2D()(found["2"]))
    x = layers.Concatenate()(parts)
    x, filters = scaled(width, x)
    x = layers.Dense(filters)(x)
    named = {"a": x, "b": layers.Dense(2)(x)}
    for key in ("a", "b"):
        named[key] = layers.Dense(4)(named[key])
    return tf.keras.Model(inputs, stale(counted(layers.add(list(named.values())), widths), 2))
