"""Lists and tuples of numbers that Python knows."""

from __future__ import annotations

from tests.harness import check_compile


def test_sizes_stay_numbers() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Window(keras.layers.Layer):
            def __init__(self, dim: int, resolution: tuple[int, int], window: int, **kwargs):
                super().__init__(**kwargs)
                smallest = tf.reduce_min(resolution)
                self.window = smallest if smallest <= window else window
                self.dense = keras.layers.Dense(dim)

            def pad(self, x, height: int, width: int):
                right = (self.window - width % self.window) % self.window
                bottom = (self.window - height % self.window) % self.window
                paddings = [[0, 0], [0, bottom], [0, right], [0, 0]]
                x = tf.pad(x, paddings)
                return x, tf.reshape(paddings, (-1,))

            def call(self, x, dimensions: tuple[int, int], training: bool = False):
                smallest = tf.reduce_min(dimensions)
                shift = 0 if smallest <= self.window else self.window // 2
                height, width = dimensions
                x, paddings = self.pad(x, height, width)
                if shift > 0:
                    x = tf.roll(x, shift=(-shift, -shift), axis=(1, 2))
                if paddings[3] > 0 or paddings[5] > 0:
                    x = x[:, :height, :width, :]
                return self.dense(x)
        """,
        """\
import jax.numpy as jnp
import numpy as np
from flax import nnx


class Window(nnx.Module):
    def __init__(
        self, x_features, dim: int, resolution: tuple[int, int], window: int, *, rngs: nnx.Rngs
    ):
        smallest = min(resolution)
        self.window = smallest if smallest <= window else window
        self.dense = nnx.Linear(
            x_features, dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def pad(self, x, height: int, width: int):
        right = (self.window - width % self.window) % self.window
        bottom = (self.window - height % self.window) % self.window
        paddings = [[0, 0], [0, bottom], [0, right], [0, 0]]
        x = jnp.pad(x, paddings)
        return x, np.reshape(paddings, (-1,))

    def __call__(self, x, dimensions: tuple[int, int]):
        smallest = min(dimensions)
        shift = 0 if smallest <= self.window else self.window // 2
        height, width = dimensions
        x, paddings = self.pad(x, height, width)
        if shift > 0:
            x = jnp.roll(x, (-shift, -shift), axis=(1, 2))
        if paddings[3] > 0 or paddings[5] > 0:
            x = x[:, :height, :width, :]
        return self.dense(x)
""",
    )


def test_products_of_parts_of_shapes() -> None:
    check_compile(
        """\
import tensorflow as tf


def shape_list(tensor):
    dynamic = tf.shape(tensor)
    if tensor.shape == tf.TensorShape(None):
        return dynamic
    static = tensor.shape.as_list()
    return [dynamic[i] if s is None else s for i, s in enumerate(static)]


def rotate(x):
    pairs = tf.stack((-x[:, :, :, 1::2], x[:, :, :, ::2]), axis=-1)
    shape = shape_list(pairs)[:-2] + [tf.math.reduce_prod(shape_list(pairs)[-2:])]
    return tf.reshape(pairs, shape)


class Attention(tf.keras.layers.Layer):
    def __init__(self, limit, **kwargs):
        super().__init__(**kwargs)
        self.limit = limit

    def call(self, query, key):
        span = tf.cast(
            tf.minimum(tf.maximum(shape_list(query)[-2], shape_list(key)[-2]), self.limit), tf.int64
        )
        return rotate(query)[self.limit - span : self.limit + span]
""",
        """\
        import math

        import jax.numpy as jnp
        from flax import nnx


        def shape_list(tensor):
            dynamic = tensor.shape
            static = list(tensor.shape)
            return [dynamic[i] if s is None else s for i, s in enumerate(static)]


        def rotate(x):
            pairs = jnp.stack((-x[:, :, :, 1::2], x[:, :, :, ::2]), axis=-1)
            shape = shape_list(pairs)[:-2] + [math.prod(shape_list(pairs)[-2:])]
            return jnp.reshape(pairs, shape)


        class Attention(nnx.Module):
            def __init__(self, limit):
                self.limit = limit

            def __call__(self, query, key):
                span = min(max(shape_list(query)[-2], shape_list(key)[-2]), self.limit)
                return rotate(query)[self.limit - span : self.limit + span]
        """,
    )
