"""Lists of layers in functions that build graphs: what cannot be followed is reported."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

SOURCE = """
from tensorflow import keras
from tensorflow.keras import layers


def build(count):
    left, right = keras.Input((8,)), keras.Input((8,))
    steps = [layers.Dense(8) for _ in range(count)]
    x, y = left, right
    USES
    return keras.Model([left, right], x + y)
"""


@pytest.mark.parametrize(
    "uses",
    [
        "for step in steps:\n        x = step(x)\n    for step in steps:\n        y = step(y)",
        "y = layers.add([step(y) for step in steps])",
    ],
)
def test_layers_that_the_list_shares_are_reported(uses: str) -> None:
    check_compile(SOURCE.replace("USES", uses), left=["TJ5002"])


def test_a_layer_behind_an_activation_in_a_sequential_knows_its_size() -> None:
    text = check_compile(
        """
from tensorflow import keras
from tensorflow.keras import layers


def build(filters):
    inputs = keras.Input((8, 8, 3))
    step = keras.Sequential([layers.Conv2D(filters, 3), layers.ReLU()])
    return keras.Model(inputs, layers.Dense(2)(step(inputs)))
"""
    ).text
    assert "nnx.Linear(filters,2," in "".join(text.split())


def test_blocks_that_join_what_they_get_tell_their_sizes() -> None:
    text = check_compile(
        """
from tensorflow import keras
from tensorflow.keras import layers


def conv_block(x, growth):
    y = layers.BatchNormalization(axis=3)(x)
    y = layers.Conv2D(growth, 3, padding="same")(y)
    return layers.Concatenate(axis=3)([x, y])


def dense_block(x, blocks):
    for _ in range(blocks):
        x = conv_block(x, 4)
    return x


def build():
    i = keras.Input((8, 8, 3))
    x = dense_block(layers.Conv2D(6, 3)(i), 2)
    return keras.Model(i, dense_block(x, 3))
"""
    ).text
    assert "x_features = x_features + 4" in text
    assert "conv_block_in_features" not in text
