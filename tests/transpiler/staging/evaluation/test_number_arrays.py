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
