"""Constructors that ask for a whole shape, of which some sizes are told."""

from __future__ import annotations

from tests.harness import check_compile


def test_sizes_that_are_not_told_are_none() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Norm(keras.layers.Layer):
            def __init__(self, axis=-1, **kwargs):
                super().__init__(**kwargs)
                self.axis = axis

            def build(self, input_shape):
                self._check(input_shape)
                self.scale = self.add_weight(shape=(input_shape[self.axis],), name="scale")
                self.built = True

            def _check(self, input_shape):
                if input_shape[self.axis] is None:
                    raise ValueError("the size must be known")

            def call(self, x):
                return x * self.scale


        class Encoder(keras.layers.Layer):
            def __init__(self, filters, normed=True, **kwargs):
                super().__init__(**kwargs)
                self.conv = keras.layers.Conv1D(filters, 3)
                self.norm = Norm() if normed else None

            def call(self, x):
                x = self.conv(tf.expand_dims(x, -1))
                if self.norm is not None:
                    x = self.norm(x)
                return x


        class Model(keras.Model):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.encoder = Encoder(4)

            def call(self, x):
                return self.encoder(x)
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Norm(nnx.Module):
    def __init__(self, in_shape, axis=-1, *, rngs: nnx.Rngs):
        self.axis = axis
        self._check((None, *in_shape))
        self.scale = nnx.Param(
            nnx.initializers.glorot_uniform(in_axis=(), out_axis=())(
                rngs.params(), ((None, *in_shape)[self.axis],)
            ),
        )

    def _check(self, input_shape):
        if input_shape[self.axis] is None:
            raise ValueError("the size must be known")

    def __call__(self, x):
        return x * self.scale[...]


class Encoder(nnx.Module):
    def __init__(self, filters, normed=True, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            1, filters, 3, padding="VALID", kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.norm = Norm((None, filters), rngs=rngs) if normed else None

    def __call__(self, x):
        x = self.conv(jnp.expand_dims(x, -1))
        if self.norm is not None:
            x = self.norm(x)
        return x


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.encoder = Encoder(4, rngs=rngs)

    def __call__(self, x):
        return self.encoder(x)
""",
    )
