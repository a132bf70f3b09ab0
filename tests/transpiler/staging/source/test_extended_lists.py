"""Lists of layers that constructors add to."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_list_of_layers_that_grows() -> None:
    check_compile(
        """\
import tensorflow as tf


class Attention(tf.keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.limit = config.limit
        self.table = tf.keras.layers.Embedding(2 * config.limit, 8)
        parts = []
        for _ in range(3):
            parts += [tf.keras.layers.Dense(4)]
        self.parts = parts

    def call(self, query, key):
        span = tf.cast(
            tf.minimum(tf.maximum(tf.shape(query)[-2], tf.shape(key)[-2]), self.limit), tf.int64
        )
        table = self.table(tf.range(2 * self.limit))
        for part in self.parts:
            query = query + part(key)
        return query, table[self.limit - span : self.limit + span, :]
""",
        """\
import jax.numpy as jnp
from flax import nnx

from tf_compat import uniform_initializer


class Attention(nnx.Module):
    def __init__(self, key_features, config, *, rngs: nnx.Rngs):
        self.limit = config.limit
        self.table = nnx.Embed(
            2 * config.limit, 8, embedding_init=uniform_initializer(-0.05, 0.05), rngs=rngs
        )
        parts = []
        for _ in range(3):
            parts.append(
                nnx.Linear(
                    key_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                ),
            )
        self.parts = nnx.List(parts)

    def __call__(self, query, key):
        span = min(max(query.shape[-2], key.shape[-2]), self.limit)
        table = self.table(jnp.arange(2 * self.limit))
        for part in self.parts:
            query = query + part(key)
        return query, table[self.limit - span : self.limit + span, :]
""",
    )
