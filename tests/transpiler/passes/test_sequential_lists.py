"""`Sequential` of layers that comprehensions make."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """
from tensorflow import keras
from tensorflow.keras import layers

"""


def test_a_model_that_is_returned() -> None:
    file = check_compile(
        HEAD
        + """
def mlp(sizes, activation="relu"):
    return keras.Sequential([layers.Dense(n, activation=activation) for n in sizes])


def build():
    x = keras.Input((4,))
    return keras.Model(x, mlp([5, 6])(x))
"""
    )
    assert (
        "        x_features = in_features\n"
        "        self.denses = nnx.List([])\n"
        "        for n in sizes:\n"
        "            self.denses.append(\n"
        "                nnx.Linear(x_features, n, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)\n"
        "            )\n"
        "            x_features = n\n"
        "        self.out_features = x_features\n\n"
        "    def __call__(self, x):\n"
        "        for dense in self.denses:\n"
        "            x = get_activation(self.activation)(dense(x))\n"
        "        return x\n"
    ) in file.text
    assert "self.mlp = Mlp(4, [5, 6], rngs=rngs)" in file.text


def test_a_model_that_is_assigned_and_has_other_layers() -> None:
    file = check_compile(
        HEAD
        + """
def head(sizes, classes, rate=0.1):
    net = keras.Sequential(
        [layers.LayerNormalization(), *[layers.Dense(n) for n in sizes]]
        + [layers.Dropout(rate), layers.Dense(classes)]
    )
    return net


def build():
    x = keras.Input((4,))
    return keras.Model(x, head((8, 4), 3)(x))
"""
    )
    assert (
        "    def __call__(self, x):\n"
        "        x = self.layer_norm(x)\n"
        "        for dense in self.denses:\n"
        "            x = dense(x)\n"
        "        x = self.dropout(x)\n"
        "        x = self.dense(x)\n"
        "        return x\n"
    ) in file.text


def test_lists_without_comprehensions_stay() -> None:
    file = check_compile(
        HEAD
        + """
def net():
    return keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])
"""
    )
    assert "add" not in file.text
