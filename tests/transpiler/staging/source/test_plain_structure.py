"""Constants that say how arrays are laid out."""

from __future__ import annotations

from tests.harness import check_compile


def test_paddings_are_lists() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Attn(keras.layers.Layer):
            def __init__(self, window, **kwargs):
                super().__init__(**kwargs)
                self.window = window
                self.dense = keras.layers.Dense(8)

            def call(self, x):
                paddings = tf.constant(
                    [[0, 0], [int((self.window - 1) / 2), int((self.window - 1) / 2)], [0, 0]]
                )
                x = tf.pad(x, paddings, "CONSTANT")
                more = tf.convert_to_tensor([[0, 0], [0, 1], [0, 0]])
                x = self._pad(x, more)
                table = tf.constant([1, 2, 3])
                return self.dense(x) + tf.cast(tf.gather(table, 1), tf.float32)

            @staticmethod
            def _pad(x, paddings):
                return tf.pad(x, paddings)
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Attn(nnx.Module):
    def __init__(self, in_features, window, *, rngs: nnx.Rngs):
        self.window = window
        self.dense = nnx.Linear(
            in_features, 8, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        paddings = [[0, 0], [int((self.window - 1) / 2), int((self.window - 1) / 2)], [0, 0]]
        x = jnp.pad(x, paddings)
        more = [[0, 0], [0, 1], [0, 0]]
        x = self._pad(x, more)
        table = jnp.array([1, 2, 3])
        return self.dense(x) + jnp.asarray(jnp.take(table, 1, axis=0), dtype=jnp.float32)

    @staticmethod
    def _pad(x, paddings):
        return jnp.pad(x, paddings)
""",
    )


def test_a_constant_beside_a_shape() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Heads(tf.keras.layers.Layer):
            def __init__(self, config, **kwargs):
                super().__init__(**kwargs)
                self.count = config.count
                self.size = int(config.size / config.count)

            def call(self, x):
                sizes = tf.constant([self.count, self.size], dtype=tf.int32)
                shape = tf.concat([tf.shape(x)[:-1], tf.constant([self.count, self.size])], axis=0)
                return tf.reshape(x, shape) * tf.cast(tf.reduce_sum(sizes), x.dtype)
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Heads(nnx.Module):
    def __init__(self, config):
        self.count = config.count
        self.size = int(config.size / config.count)

    def __call__(self, x):
        sizes = jnp.array([self.count, self.size], dtype=jnp.int32)
        shape = *x.shape[:-1], self.count, self.size
        return jnp.reshape(x, shape) * jnp.sum(sizes, promote_integers=False).astype(x.dtype)
""",
    )
