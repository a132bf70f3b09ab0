"""Methods of shapes, which are tuples in JAX."""

from tests.harness import check_compile


def test_assertions_go_and_the_rest_is_said_of_tuples() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Flat(tf.keras.layers.Layer):
            def call(self, frames):
                frames.shape.assert_has_rank(3)
                sizes = frames.shape.with_rank(3).as_list()
                count = frames.shape.num_elements()
                return tf.reshape(frames, [-1, sizes[-1]]) / count
        """,
        """\
        import math

        import jax.numpy as jnp
        from flax import nnx


        class Flat(nnx.Module):
            def __call__(self, frames):
                sizes = list(frames.shape)
                count = math.prod(frames.shape)
                return jnp.reshape(frames, [-1, sizes[-1]]) / count
        """,
    )


def test_get_shape_of_an_optional_input() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Attention(keras.layers.Layer):
    def call(self, scores, mask=None):
        if mask is not None:
            count = mask.get_shape()[0]
            scores = tf.reshape(scores, (-1, count, 4, 4)) + mask
        return tf.nn.softmax(scores)
""",
        """\
import jax
import jax.numpy as jnp
from flax import nnx


class Attention(nnx.Module):
    def __call__(self, scores, mask=None):
        if mask is not None:
            count = mask.shape[0]
            scores = jnp.reshape(scores, (-1, count, 4, 4)) + mask
        return jax.nn.softmax(scores)
""",
    )
