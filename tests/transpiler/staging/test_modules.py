"""Whole modules: nothing of staging is left in what they become."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_variable_that_is_assigned_again_is_not_followed() -> None:
    check_compile(
        """
        import tensorflow as tf

        PATTERN = "a"
        PATTERN = PATTERN.replace("a", "b")

        def scaled(x: tf.Tensor):
            return tf.nn.relu(x) * len(PATTERN)
        """,
        """\
        import jax

        PATTERN = "a"
        PATTERN = PATTERN.replace("a", "b")

        def scaled(x: jax.Array):
            return jax.nn.relu(x) * len(PATTERN)
        """,
    )


def test_a_function_that_chooses_a_layer_reads_its_own_variables() -> None:
    check_compile(
        """
        import tensorflow as tf

        def pick(kind, rate):
            table = {"half": 0.5, "none": 0.0}
            if kind in table:
                return tf.keras.layers.Dropout(table[kind])
            return tf.keras.layers.Dropout(rate)
        """,
        """\
        from flax import nnx


        def pick(kind, rate, *, rngs: nnx.Rngs):
            table = {"half": 0.5, "none": 0.0}
            if kind in table:
                return nnx.Dropout(table[kind], rngs=rngs)
            return nnx.Dropout(rate, rngs=rngs)
        """,
    )


def test_an_input_where_no_graph_is_built_is_reported() -> None:
    check_compile(
        """
        import tensorflow as tf

        class Spec:
            def fields(self):
                return [tf.keras.Input((3,))]
        """,
        left=["TJ5020"],
    )


def test_names_of_layers_that_no_attribute_can_have() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        def head(x, units, name="head"):
            x = layers.Dense(units, name="{}_in".format(name))(x)
            return layers.Dense(units, name="train")(x)


        def net():
            inputs = keras.Input((16,))
            return keras.Model(inputs, head(inputs, 4))
        """,
        """\
        from flax import nnx


        class Head(nnx.Module):
            def __init__(self, in_features, units, *, rngs: nnx.Rngs):
                self.in_dense = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.train_dense = nnx.Linear(
                    units, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                x = self.in_dense(x)
                return self.train_dense(x)


        class Net(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.head = Head(16, 4, rngs=rngs)

            def __call__(self, inputs):
                return self.head(inputs)
        """,
    )


def test_what_a_module_does_for_other_versions() -> None:
    check_compile(
        """
import keras
from keras import utils

if not hasattr(keras.ops, "relu"):
    keras.ops.relu = utils.custom_relu


def activate(x):
    return keras.ops.relu(x)
""",
        """\
import jax


def activate(x):
    return jax.nn.relu(x)
""",
    )
