"""Blocks that return lists, tuples and dicts of tensors whose sizes only they know."""

from tensorflow.keras import Input, Model
from tensorflow.keras.layers import Concatenate, Conv2D, Dense, GlobalAveragePooling2D, MaxPooling2D


def pyramid(x, widths):
    """A list, one entry a level."""
    levels = []
    for width in widths:
        x = Conv2D(width, 3, padding="same", activation="relu")(x)
        levels.append(x)
    return levels


def down(x, width, double=False):
    """The pooled tensor, and the one to skip with."""
    if double:
        width = 2 * width
    skip = Conv2D(width, 3, padding="same")(x)
    x = MaxPooling2D()(skip)
    return x, skip


def taps(x, widths):
    """Features by name."""
    features = {}
    for index, width in enumerate(widths):
        x = Conv2D(width, 1)(x)
        features[f"level{index}"] = x
    return features


def build(widths=(4, 6, 8), classes=3):
    inputs = Input((8, 8, 3))
    levels = pyramid(inputs, widths)
    levels = levels[::-1]
    outputs = []
    for i in range(1, len(levels)):
        outputs.append(Conv2D(classes, 1)(levels[i]))
    for i, level in enumerate(levels):
        outputs.append(Conv2D(classes, 1)(level))
    x, skip = down(levels[0], 5, double=True)
    outputs.append(Conv2D(2, 1)(skip))
    joined = Concatenate()(outputs)
    features = taps(x, widths)
    pooled = [GlobalAveragePooling2D()(t) for t in (joined, x, features["level2"])]
    return Model(inputs, Dense(classes)(Concatenate()(pooled)))
