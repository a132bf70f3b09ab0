"""The learning phase is the mode of the module."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_phase_is_the_mode() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Scale(tf.keras.layers.Layer):
            def call(self, x, training=None):
                if training is None:
                    training = tf.keras.backend.learning_phase()
                if training:
                    x = x * 2.0
                return tf.keras.backend.in_train_phase(lambda: x + 1.0, x)
        """,
        """\
        from flax import nnx


        class Scale(nnx.Module):
            def __init__(self):
                self.deterministic = False

            def __call__(self, x):
                if not self.deterministic:
                    x = x * 2.0
                return (lambda: x + 1.0)() if not self.deterministic else x
        """,
    )


def test_outside_of_layers_there_is_none() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def phase():
            return tf.keras.backend.learning_phase()
        """,
        left=["TJ2010"],
    )
