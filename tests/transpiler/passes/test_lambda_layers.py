"""Functions that stand in for layers."""

from __future__ import annotations

from tests.harness import check_compile

BLOCK = """
from tensorflow import keras
from tensorflow.keras import layers


class Block(layers.Layer):
    def __init__(self, width, stride=1):
        super().__init__()
        if stride != 1:
            self.shortcut = layers.Dense(width)
        else:
            self.shortcut = {otherwise}

    def call(self, x):
        return x + self.shortcut(x)
"""


def test_a_layer_or_a_lambda_gets_the_size_of_its_input() -> None:
    file = check_compile(BLOCK.format(otherwise="lambda x: x"))
    assert (
        "    def __init__(self, in_features, width, stride=1, *, rngs: nnx.Rngs):\n"
        "        if stride != 1:\n"
        "            self.shortcut = nnx.Linear(\n"
        "                in_features, width, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs\n"
        "            )\n"
        "        else:\n"
        "            self.shortcut = lambda x: x\n" in file.text
    )


def test_a_lambda_beside_no_layer_stays_one() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers


        class Scaled(layers.Layer):
            def __init__(self, factor):
                super().__init__()
                self.scale = lambda x: x * factor

            def call(self, x):
                return self.scale(x)
        """
    )
    assert "self.scale = lambda x: x * factor" in file.text
