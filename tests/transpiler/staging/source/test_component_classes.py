"""Plain classes that are parts of models."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_plain_class_that_holds_layers() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Positions:
            limit: int = 2

            def __init__(self, size):
                self.size = size
                self.dropout = keras.layers.Dropout(0.1)
                self.factor = None

            def start(self, x, training=False):
                self.factor = 1
                angles = tf.range(0, self.size, 1.0)
                return self.dropout(tf.sin(angles), training=training) + x

            def pool(self, x, training=False):
                self.factor *= 2
                return self.start(x, training=training) * self.factor


        class Net(keras.layers.Layer):
            def __init__(self, size, **kwargs):
                super().__init__(**kwargs)
                self.positions = Positions(size)
                self.dense = keras.layers.Dense(size)

            def call(self, x, training=False):
                x = self.positions.start(x, training=training)
                x = self.positions.pool(x, training=training)
                return self.dense(x)
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Positions(nnx.Module):
            limit: int = 2

            def __init__(self, size, *, rngs: nnx.Rngs):
                self.size = size
                self.dropout = nnx.Dropout(0.1, rngs=rngs)
                self.factor = None

            def start(self, x):
                self.factor = 1
                angles = jnp.arange(0, self.size, 1.0)
                return self.dropout(jnp.sin(angles)) + x

            def pool(self, x):
                self.factor *= 2
                return self.start(x) * self.factor


        class Net(nnx.Module):
            def __init__(self, in_features, size, *, rngs: nnx.Rngs):
                self.positions = Positions(size, rngs=rngs)
                self.dense = nnx.Linear(
                    in_features, size, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                x = self.positions.start(x)
                x = self.positions.pool(x)
                return self.dense(x)
        """,
    )
