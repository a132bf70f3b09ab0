"""Imports whose names are variables of functions, too."""

from __future__ import annotations

from tests.harness import check_compile


def test_an_import_goes_though_a_function_has_a_variable_of_that_name() -> None:
    check_compile(
        """\
        from tensorflow.keras import layers


        def block(x):
            return layers.Dense(4)(x)


        def names(model):
            layers = list(model.parts)
            return [layer.name for layer in layers]
        """,
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, in_features, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(x)


        def names(model):
            layers = list(model.parts)
            return [layer.name for layer in layers]
        """,
    )


def test_an_import_in_a_function_stays() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def folder(x):
            import os

            return os.path.dirname(x), tf.constant(1.0)
        """,
        """\
        import jax.numpy as jnp


        def folder(x):
            import os

            return os.path.dirname(x), jnp.array(1.0)
        """,
    )
