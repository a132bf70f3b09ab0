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
