"""Loops over lists of unlike layers: each layer with what belongs to its call."""

import pytest

from tests.harness import check_compile

BEFORE = """\
from tensorflow import keras


class Net(keras.Model):
    def __init__(self, width):
        super().__init__()
        self.blocks = [
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(3),
        ]

    def call(self, x):
        x = keras.ops.reshape(x, (-1, 8))
{loop}
        return x
"""
AFTER = """\
import jax
import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
    def __init__(self, width, *, rngs: nnx.Rngs):
        self.blocks = nnx.List(
            [
                nnx.Linear(8, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs),
                nnx.Linear(width, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs),
            ],
        )

    def __call__(self, x):
        x = jnp.reshape(x, (-1, 8))
{calls}
        return x
"""
CALLS = """\
        x = nnx.relu(self.blocks[0](x))
        x = self.blocks[1](x)"""


def after(calls: str) -> str:
    unused = "" if "jax." in calls.replace("jax.numpy", "") else "import jax\n"
    return AFTER.replace("{calls}", calls).replace(unused, "", 1)


@pytest.mark.parametrize(
    "loop",
    [
        "        for block in self.blocks:\n            x = block(x)",
        "        for i in range(len(self.blocks)):\n            x = self.blocks[i](x)",
        "        for i in range(2):\n            x = self.blocks[i](x)",
        "        for _, block in enumerate(self.blocks):\n            x = block(x)",
    ],
)
def test_every_layer_keeps_its_activation(loop: str):
    check_compile(BEFORE.replace("{loop}", loop), after(CALLS))


def test_the_index_is_written_out():
    loop = "        for i, block in enumerate(self.blocks):\n            x = block(x) * (i + 1)"
    calls = """\
        x = nnx.relu(self.blocks[0](x)) * (0 + 1)
        x = self.blocks[1](x) * (1 + 1)"""
    check_compile(BEFORE.replace("{loop}", loop), after(calls))


@pytest.mark.parametrize(
    "loop",
    [
        "        for block in self.blocks:\n            x = block(x)\n            if x.ndim > 2:\n"
        "                break",
        "        for i in range(self.count):\n            x = self.blocks[i](x)",
    ],
)
def test_what_cannot_be_told_apart_is_reported(loop: str):
    text = BEFORE.replace("{loop}", loop).replace(
        "        super().__init__()\n", "        super().__init__()\n        self.count = width\n"
    )
    check_compile(text, left=["TJ5002"])
