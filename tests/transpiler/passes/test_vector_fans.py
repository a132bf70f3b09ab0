"""Vectors and scalars whose initializer scales by fans."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
        from tensorflow import keras


"""


def test_a_vector_has_its_size_for_both_fans() -> None:
    check_compile(
        HEAD
        + """\
        class Scale(keras.layers.Layer):
            def build(self, input_shape):
                n = input_shape[-1]
                self.scale = self.add_weight(name="scale", shape=(n,))
                self.gain = self.add_weight(name="gain", shape=(), initializer="he_normal")
                self.shift = self.add_weight(name="shift", shape=(3,), initializer="zeros")

            def call(self, x):
                return x * self.scale * self.gain + self.shift
        """,
        """\
        from flax import nnx


        class Scale(nnx.Module):
            def __init__(self, in_features, *, rngs: nnx.Rngs):
                n = in_features
                self.scale = nnx.Param(
                    nnx.initializers.glorot_uniform(in_axis=(), out_axis=())(rngs.params(), (n,))
                )
                self.gain = nnx.Param(
                    nnx.initializers.he_normal(in_axis=(), out_axis=())(rngs.params(), ())
                )
                self.shift = nnx.Param(nnx.initializers.zeros(rngs.params(), (3,)))

            def __call__(self, x):
                return x * self.scale[...] * self.gain[...] + self.shift[...]
        """,
    )


def test_so_has_a_bias() -> None:
    check_compile(
        HEAD
        + """\
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = keras.layers.Dense(
                    3, kernel_initializer="lecun_normal", bias_initializer="he_uniform"
                )

            def call(self, x):
                return self.dense(x)
        """,
        """\
        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, in_features, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features,
                    3,
                    bias_init=nnx.initializers.he_uniform(in_axis=(), out_axis=()),
                    rngs=rngs,
                )

            def __call__(self, x):
                return self.dense(x)
        """,
    )


def test_a_shape_of_unknown_length_is_left() -> None:
    check_compile(
        HEAD
        + """\
        class Table(keras.layers.Layer):
            def __init__(self, sizes):
                super().__init__()
                self.table = self.add_weight(name="table", shape=(*sizes,))

            def call(self, x):
                return x + self.table
        """,
        """\
        from flax import nnx


        class Table(nnx.Module):
            def __init__(self, sizes, *, rngs: nnx.Rngs):
                self.table = nnx.Param(nnx.initializers.glorot_uniform()(rngs.params(), (*sizes,)))

            def __call__(self, x):
                return x + self.table[...]
        """,
    )
