"""Variables at the top of modules, whose values tell sizes."""

from __future__ import annotations

from tests.harness import check_compile


def test_variables_that_are_assigned_together_and_again() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers

length, width = 10, 3
scale = 2
scale += 1


def network():
    inputs = keras.Input((length, width))
    x = layers.LSTM(4)(inputs)
    return keras.Model(inputs, layers.Dense(scale)(x))
""",
        """\
from flax import nnx

from tf_compat import RNN, unit_forget_bias

length, width = 10, 3
scale = 2
scale += 1


class Network(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.lstm = RNN(
            nnx.OptimizedLSTMCell(
                width,
                4,
                gate_fn=nnx.sigmoid,
                activation_fn=nnx.tanh,
                kernel_init=nnx.initializers.glorot_uniform(),
                bias_init=unit_forget_bias,
                rngs=rngs,
            ),
        )
        self.dense = nnx.Linear(4, scale, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, inputs):
        x = self.lstm(inputs)
        return self.dense(x)
""",
    )
