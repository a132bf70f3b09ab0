"""Lambdas that `call` keeps in variables."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_local_function_calls_a_lambda() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Net(tf.keras.layers.Layer):
            def call(self, x):
                rectified = lambda t: tf.nn.relu(t)  # noqa: E731
                unused = lambda t: t  # noqa: E731

                def doubled(t):
                    return rectified(t) * 2.0

                return doubled(x)
        """,
        """\
        import jax
        from flax import nnx


        class Net(nnx.Module):
            def __call__(self, x):
                rectified = lambda t: jax.nn.relu(t)  # noqa: E731

                def doubled(t):
                    return rectified(t) * 2.0

                return doubled(x)
        """,
    )
