"""Methods that put a model together in loops."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

NET = """
from tensorflow import keras
from tensorflow.keras import layers


class Net(keras.Model):
    def __init__(self, width, rate):
        super().__init__()
        self.rate = rate
        self.first = self._make_layer(width, 2)
        self.second = self._make_layer(2 * width, count=3)
        self.head = layers.Dense(1)

    def _make_layer(self, width, count):
{body}

    def call(self, x, training=False):
        x = self.first(x, training=training)
        x = self.second(x, training=training)
        return self.head(x)
"""
ADDED = """
        parts = keras.Sequential()
        for _ in range(count):
            parts.add(layers.Dense(width, activation="relu"))
            parts.add(layers.Dropout(self.rate))
        return parts
"""
LISTED = """
        parts = []
        for _ in range(count):
            parts.append(layers.Dense(width, activation="relu"))
            parts.append(layers.Dropout(self.rate))
        return keras.Sequential(parts)
"""


@pytest.mark.parametrize("body", [ADDED, LISTED])
def test_a_method_that_makes_a_model(body: str) -> None:
    file = check_compile(NET.format(body=body))
    assert (
        "        for dense, dropout in zip(self.denses, self.dropouts):\n"
        "            x = nnx.relu(dense(x))\n"
        "            x = dropout(x)\n"
        "        return x\n" in file.text
    )
    made = "self.first = Layer(in_features, width, 2, rate=self.rate, rngs=rngs)"
    assert made in file.text
    assert "Dense" not in file.text and "_make_layer" not in file.text


def test_a_method_that_counts_in_its_object_is_reported() -> None:
    body = ADDED.replace("        parts =", "        self.made = count\n        parts =", 1)
    file = check_compile(NET.format(body=body), left=["TJ5002", "TJ5002"])
    assert "def _make_layer(self" in file.text


HEIR = """
from net import Net


class Wide(Net):
    def _make_layer(self, width, count):
        return super()._make_layer(4 * width, count)
"""
OUTSIDE = """
def third(net):
    return net._make_layer(3, 1)
"""


@pytest.mark.parametrize("other", [HEIR, OUTSIDE])
def test_a_method_that_others_know_stays_one(other: str) -> None:
    file = check_compile(
        NET.format(body=ADDED),
        module="net",
        others={"other": other},
        left=["TJ5002", "TJ5002"],
    )
    assert "def _make_layer(self" in file.text
