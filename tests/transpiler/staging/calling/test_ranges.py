"""`range` where TensorFlow makes a tensor of it."""

from __future__ import annotations

from tests.harness import check_compile


def test_ranges_as_tensors() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def index(h, w):
            xx, yy = tf.meshgrid(range(h), range(w))
            return tf.stack([yy, xx], axis=0) + tf.expand_dims(range(1, h), 0)
        """,
        """\
        import jax.numpy as jnp


        def index(h, w):
            xx, yy = jnp.meshgrid(jnp.arange(h), jnp.arange(w))
            return jnp.stack([yy, xx]) + jnp.expand_dims(jnp.arange(1, h), 0)
        """,
    )


def test_bounds_that_are_data() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def distances(positions: tf.Tensor, stride: int):
            return tf.range(positions[0], positions[-1], -stride), tf.range(tf.shape(positions)[0])
        """,
        """\
        import jax
        import jax.numpy as jnp


        def distances(positions: jax.Array, stride: int):
            return jnp.arange(positions[0], positions[-1], -stride), jnp.arange(positions.shape[0])
        """,
        left=["TJ4008"],
    )
