"""Calls over shapes: tuples of sizes stay tuples, and sizes that only data tells cancel."""

from __future__ import annotations

from tests.harness import check_compile

BEFORE = """
    import tensorflow as tf


    class Split(tf.keras.layers.Layer):
        def __init__(self, dim, groups):
            super().__init__()
            self.groups = groups
            self.fc = tf.keras.layers.Dense(dim, kernel_initializer="zeros")

        def call(self, x):
            shape = tf.shape(x)
            {statement}
            return self.fc(x)
"""
AFTER = """\
    import jax.numpy as jnp
    from flax import nnx


    class Split(nnx.Module):
        def __init__(self, in_features, dim, groups, *, rngs: nnx.Rngs):
            self.groups = groups
            self.fc = nnx.Linear(
                in_features // groups, dim, kernel_init=nnx.initializers.zeros, rngs=rngs
            )

        def __call__(self, x):
            shape = x.shape
            {statement}
            return self.fc(x)
"""


def check_statement(before: str, after: str) -> None:
    check_compile(BEFORE.format(statement=before), AFTER.format(statement=after))


def test_sizes_are_joined() -> None:
    check_statement(
        "x = tf.reshape(x, tf.concat([shape[:-1], [self.groups, -1]], axis=0))",
        "x = jnp.reshape(x, (*shape[:-1], self.groups, -1))",
    )


def test_shapes_are_added() -> None:
    check_statement(
        "x = tf.reshape(x, x.shape[:-1] + (self.groups, x.shape[-1] // self.groups))",
        "x = jnp.reshape(x, x.shape[:-1] + (self.groups, x.shape[-1] // self.groups))",
    )


def test_the_sizes_of_some_axes_cancel() -> None:
    check_statement(
        "x = tf.reshape(x, tf.stack([shape[0], shape[1], self.groups, -1]))",
        "x = jnp.reshape(x, [shape[0], shape[1], self.groups, -1])",
    )


def test_sizes_of_a_shape_stay_integers() -> None:
    text = check_compile(
        """
import tensorflow as tf


class Flat(tf.keras.layers.Layer):
    def call(self, x):
        batch, height, width = tf.unstack(tf.shape(x)[:3])
        return tf.reshape(x, (batch, height * width, -1))
"""
    ).text
    assert "batch, height, width = x.shape[:3]" in text
