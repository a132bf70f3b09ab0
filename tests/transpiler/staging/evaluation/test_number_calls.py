"""API calls on sizes: in JAX they are Python's numbers, and what is computed of them stays so."""

from __future__ import annotations

from tests.harness import check_compile


def test_sizes_that_are_rounded_stay_numbers() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Unfold(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.patch = config.patch

    def call(self, x):
        batch = tf.shape(x)[0]
        height = tf.shape(x)[1]
        new_height = tf.cast(tf.math.ceil(height / self.patch) * self.patch, "int32")
        if new_height != height:
            x = tf.pad(x, [[0, 0], [0, new_height - height], [0, 0]])
        return tf.reshape(x, (batch, new_height // self.patch, self.patch, -1))
""",
        """\
import math

import jax.numpy as jnp
from flax import nnx


class Unfold(nnx.Module):
    def __init__(self, config):
        self.patch = config.patch

    def __call__(self, x):
        batch = x.shape[0]
        height = x.shape[1]
        new_height = int(math.ceil(height / self.patch) * self.patch)
        if new_height != height:
            x = jnp.pad(x, [[0, 0], [0, new_height - height], [0, 0]])
        return jnp.reshape(x, (batch, new_height // self.patch, self.patch, -1))
""",
    )


def test_roots_and_comparisons_of_sizes() -> None:
    check_compile(
        """
import tensorflow as tf


@tf.function
def square(x):
    side = tf.cast(tf.sqrt(tf.cast(tf.shape(x)[1], tf.float32)), tf.int32)
    if tf.greater(side, 1):
        x = x / tf.cast(side, tf.float32)
    return tf.reshape(x, (-1, side, tf.maximum(side, 1)))
""",
        """\
import math

import jax.numpy as jnp


def square(x):
    side = int(math.sqrt(float(x.shape[1])))
    if side > 1:
        x = x / float(side)
    return jnp.reshape(x, (-1, side, max(side, 1)))
""",
    )


def test_entries_of_a_configuration_alone_may_be_anything() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Scale(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.scale = config.scale

    def call(self, x):
        return x * tf.cast(self.scale, tf.float32)
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Scale(nnx.Module):
    def __init__(self, config):
        self.scale = config.scale

    def __call__(self, x):
        return x * jnp.asarray(self.scale, dtype=jnp.float32)
""",
    )


def test_sizes_of_tensors_whose_sizes_are_not_known() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Unfold(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.patch = config.patch

    def call(self, x):
        x = tf.transpose(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])[:, 1:], [0, 2, 1, 3])
        height = tf.shape(x)[1]
        new_height = tf.cast(tf.math.ceil(height / self.patch) * self.patch, "int32")
        if new_height != height:
            x = tf.pad(x, [[0, 0], [0, new_height - height], [0, 0], [0, 0]])
        return x
""",
        """\
import math

import jax.numpy as jnp
from flax import nnx


class Unfold(nnx.Module):
    def __init__(self, config):
        self.patch = config.patch

    def __call__(self, x):
        x = jnp.transpose(jnp.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])[:, 1:], [0, 2, 1, 3])
        height = x.shape[1]
        new_height = int(math.ceil(height / self.patch) * self.patch)
        if new_height != height:
            x = jnp.pad(x, [[0, 0], [0, new_height - height], [0, 0], [0, 0]])
        return x
""",
    )


def test_an_entry_of_a_configuration_beside_a_size() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Bias(tf.keras.layers.Layer):
            def __init__(self, config, **kwargs):
                super().__init__(**kwargs)
                self.relative = getattr(config, "relative", False)
                if self.relative:
                    self.limit = getattr(config, "limit", -1)
                    if self.limit < 1:
                        self.limit = config.length

            def call(self, query, table):
                span = tf.cast(tf.minimum(tf.shape(query)[-2], self.limit), tf.int64)
                return table[self.limit - span : self.limit + span, :]
        """,
        """\
        from flax import nnx


        class Bias(nnx.Module):
            def __init__(self, config):
                self.relative = getattr(config, "relative", False)
                if self.relative:
                    self.limit = getattr(config, "limit", -1)
                    if self.limit < 1:
                        self.limit = config.length

            def __call__(self, query, table):
                span = min(query.shape[-2], self.limit)
                return table[self.limit - span : self.limit + span, :]
        """,
    )
