"""Layers inside other layers: cells, both ways, and over time."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers

"""


def test_a_cell_of_the_project_is_sized_by_one_step() -> None:
    check_compile(
        HEAD
        + """\

class Cell(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight("kernel", (input_shape[-1], self.units))

    def call(self, inputs, states):
        out = tf.tanh(tf.matmul(inputs, self.kernel) + states[0])
        return out, [out]


class Net(tf.keras.Model):
    def __init__(self, units=4):
        super().__init__()
        self.rnn = layers.RNN(Cell(units), return_sequences=True)
        self.head = layers.Dense(2, kernel_initializer="lecun_normal")

    def call(self, x):
        return self.head(self.rnn(x))
""",
        """\
        import jax.numpy as jnp
        from flax import nnx

        from tf_compat import RNN


        class Cell(nnx.Module):
            def __init__(self, inputs_features, units, *, rngs: nnx.Rngs):
                self.units = units
                self.state_size = units
                self.kernel = nnx.Param(
                    nnx.initializers.glorot_uniform()(rngs.params(), (inputs_features, self.units))
                )

            def __call__(self, inputs, states):
                out = jnp.tanh(jnp.matmul(inputs, self.kernel[...]) + states[0])
                return out, [out]


        class Net(nnx.Module):
            def __init__(self, in_features, units=4, *, rngs: nnx.Rngs):
                self.rnn = RNN(Cell(in_features, units, rngs=rngs), return_sequences=True)
                self.head = nnx.Linear(units, 2, rngs=rngs)

            def __call__(self, x):
                return self.head(self.rnn(x))
        """,
        flavour="2",
    )


def test_cells_in_a_list_are_fed_one_by_the_other() -> None:
    file = check_compile(
        HEAD
        + """\

def net():
    x = layers.Input((6, 3))
    y = layers.RNN([layers.GRUCell(4), layers.LSTMCell(5)])(x)
    return tf.keras.Model(x, layers.Dense(2)(y))
"""
    )
    assert "StackedRNNCells([GRUCell(3, 4, rngs=rngs), LSTMCell(4, 5, rngs=rngs)])" in file.text
    assert "nnx.Linear(\n            5, 2," in file.text or "nnx.Linear(5, 2," in file.text


def test_both_directions_have_a_cell_of_their_own() -> None:
    file = check_compile(
        HEAD
        + """\

class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.both = layers.Bidirectional(layers.RNN(layers.GRUCell(4)), merge_mode="sum")

    def call(self, x):
        return self.both(x)
"""
    )
    assert file.text.count("GRUCell(in_features, 4, rngs=rngs)") == 2


def test_layers_on_the_last_axis_take_all_steps() -> None:
    file = check_compile(
        HEAD
        + """\

def net():
    x = layers.Input((6, 3))
    y = layers.TimeDistributed(layers.Dense(4, activation="relu"))(x)
    return tf.keras.Model(x, layers.TimeDistributed(layers.Flatten())(y[..., None]))
"""
    )
    assert "y = nnx.relu(self.dense(x))" in file.text
    assert "time_distributed(lambda x: x.reshape(x.shape[0], -1), y[..., None])" in file.text


def test_a_model_over_time_is_kept_where_it_was() -> None:
    file = check_compile(
        HEAD
        + """\

class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(4)

    def call(self, x):
        return tf.reduce_sum(self.dense(x), axis=1)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.steps = layers.TimeDistributed(Block())

    def call(self, x):
        return self.steps(x)
"""
    )
    assert "self.steps = Block(in_features, rngs=rngs)" in file.text
    assert "return time_distributed(self.steps, x)" in file.text


def test_cells_that_comprehensions_make() -> None:
    check_compile(
        """
from tensorflow.keras import Model, layers


class Net(Model):
    def __init__(self, sizes, units, depth):
        super().__init__()
        self.constant = layers.RNN([layers.LSTMCell(n) for n in (4, 6)], return_sequences=True)
        self.sized = layers.RNN([layers.GRUCell(n) for n in sizes], return_sequences=True)
        self.alike = layers.RNN([layers.GRUCell(units) for _ in range(depth)])
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(self.alike(self.sized(self.constant(x))))
""",
        """\
from flax import nnx

from tf_compat import RNN, GRUCell, LSTMCell, StackedRNNCells


class Net(nnx.Module):
    def __init__(self, in_features, sizes, units, depth, *, rngs: nnx.Rngs):
        self.constant = RNN(
            StackedRNNCells([LSTMCell(in_features, 4, rngs=rngs), LSTMCell(4, 6, rngs=rngs)]),
            return_sequences=True,
        )
        self.sized = RNN(
            StackedRNNCells(
                [GRUCell(features, n, rngs=rngs) for features, n in zip((6, *sizes), sizes)]
            ),
            return_sequences=True,
        )
        self.alike = RNN(
            StackedRNNCells(
                [GRUCell(units if i else sizes[-1], units, rngs=rngs) for i in range(depth)]
            ),
        )
        self.dense = nnx.Linear(units, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, x):
        return self.dense(self.alike(self.sized(self.constant(x))))
""",
    )


def test_cells_whose_sizes_their_loop_does_not_tell() -> None:
    check_compile(
        """
from tensorflow.keras import layers


class Net(layers.Layer):
    def __init__(self, sizes):
        super().__init__()
        self.rnn = layers.RNN([layers.GRUCell(2 * n) for n in sizes])

    def call(self, x):
        return self.rnn(x)
""",
        left=["TJ4001", "TJ4001"],
    )
