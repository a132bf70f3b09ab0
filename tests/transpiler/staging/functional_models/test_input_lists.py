"""Inputs that are made in loops."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers

"""


def test_inputs_by_name() -> None:
    check_compile(
        HEAD
        + """

def net(names=("a", "b")):
    inputs = {n: layers.Input((4,), name=n) for n in names}
    encoded = [layers.Dense(3, kernel_initializer="lecun_normal")(inputs[n]) for n in names]
    return tf.keras.Model(inputs, layers.add(encoded))
""",
        """\
        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, names=("a", "b"), *, rngs: nnx.Rngs):
                self.names = names
                self.denses = nnx.List([])
                for n in names:
                    self.denses.append(nnx.Linear(4, 3, rngs=rngs))

            def __call__(self, inputs):
                encoded = []
                for n, dense in zip(self.names, self.denses):
                    encoded.append(dense(inputs[n]))
                return sum(encoded)
        """,
    )


def test_inputs_made_among_other_things() -> None:
    file = check_compile(
        HEAD
        + """

def net(count=3):
    inputs = []
    encoded = []
    for i in range(count):
        x = layers.Input((4,))
        inputs.append(x)
        encoded.append(layers.Dense(3)(x))
    return tf.keras.Model(inputs, layers.Concatenate()(encoded))
"""
    )
    assert "for i, dense in enumerate(self.denses):\n            x = inputs[i]" in file.text
    assert "def __call__(self, inputs):" in file.text


def test_a_dict_that_a_loop_fills() -> None:
    file = check_compile(
        HEAD
        + """

def net(names=("a", "b")):
    inputs = {}
    for n in names:
        inputs[n] = layers.Input((4,), name=n)
    return tf.keras.Model(inputs, layers.Dense(2)(inputs["a"]))
"""
    )
    assert "def __call__(self, inputs):" in file.text
    assert 'return self.dense(inputs["a"])' in file.text
