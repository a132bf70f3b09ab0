"""Masks that shapes decide."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_mask_of_the_data_is_reported() -> None:
    check_compile(
        """
        import tensorflow as tf


        def positive(x):
            mask = x > 0
            return tf.boolean_mask(x, mask)
        """,
        """\
        def positive(x):
            mask = x > 0
            return x[mask]
        """,
        left=["TJ4008"],
    )


def test_a_mask_that_is_updated_stays() -> None:
    check_compile(
        """
        import tensorflow as tf


        def rest(x):
            mask = tf.ones_like(x)
            first = tf.tensor_scatter_nd_update(mask, [[0]], [0.0])
            return tf.boolean_mask(x, mask), first
        """,
        """\
        import jax.numpy as jnp


        def rest(x):
            mask = jnp.ones_like(x)
            first = mask.at[tuple(jnp.moveaxis(jnp.asarray([[0]]), -1, 0))].set(jnp.asarray([0.0]))
            return x[mask.astype(bool)], first
        """,
        left=["TJ4008"],
    )


def test_a_mask_of_ones_below_the_diagonal() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Interaction(tf.keras.layers.Layer):
            def __init__(self, diagonal=False):
                super().__init__()
                self.diagonal = diagonal

            def call(self, inputs):
                count = len(inputs)
                batch = tf.shape(inputs[0])[0]
                x = tf.stack(inputs, axis=1)
                products = tf.matmul(x, x, transpose_b=True)
                ones = tf.ones_like(products)
                if self.diagonal:
                    mask = tf.linalg.band_part(ones, -1, 0)
                    rest = ones - mask
                    size = count * (count + 1) // 2
                else:
                    rest = tf.linalg.band_part(ones, 0, -1)
                    mask = ones - rest
                    size = count * (count - 1) // 2
                kept = tf.reshape(tf.boolean_mask(products, mask), (batch, size))
                return kept, products * rest
        """,
        """\
        import jax.numpy as jnp
        import numpy as np
        from flax import nnx


        class Interaction(nnx.Module):
            def __init__(self, diagonal=False):
                self.diagonal = diagonal

            def __call__(self, inputs):
                count = len(inputs)
                batch = inputs[0].shape[0]
                x = jnp.stack(inputs, axis=1)
                products = jnp.matmul(x, jnp.swapaxes(x, -1, -2))
                ones = np.ones(products.shape, products.dtype)
                if self.diagonal:
                    mask = np.tril(ones)
                    rest = ones - mask
                    size = count * (count + 1) // 2
                else:
                    rest = np.triu(ones)
                    mask = ones - rest
                    size = count * (count - 1) // 2
                kept = jnp.reshape(products[mask.astype(bool)], (batch, size))
                return kept, products * rest
        """,
    )
