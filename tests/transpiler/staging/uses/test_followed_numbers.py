"""Numbers that a function computes from the shape of a tensor."""

from __future__ import annotations

from tests.harness import check_compile


def test_padding_before_a_layer() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def padding(inputs, kernel_size):
            size = inputs.shape[1:3]
            if isinstance(kernel_size, int):
                kernel_size = (kernel_size, kernel_size)
            if size[0] is None:
                odd = (1, 1)
            else:
                odd = (1 - size[0] % 2, 1 - size[1] % 2)
            half = (kernel_size[0] // 2, kernel_size[1] // 2)
            return ((half[0] - odd[0], half[0]), (half[1] - odd[1], half[1]))


        def build(n=32):
            inputs = keras.Input((n, n, 3))
            x = layers.ZeroPadding2D(padding(inputs, 3))(inputs)
            x = layers.Conv2D(8, 3, strides=2)(x)
            return keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)))
        """,
        """\
import jax.numpy as jnp
from flax import nnx

from tf_compat import spatial_padding


def padding(inputs, kernel_size):
    size = inputs.shape[1:3]
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    if size[0] is None:
        odd = (1, 1)
    else:
        odd = (1 - size[0] % 2, 1 - size[1] % 2)
    half = (kernel_size[0] // 2, kernel_size[1] // 2)
    return ((half[0] - odd[0], half[0]), (half[1] - odd[1], half[1]))


class Build(nnx.Module):
    def __init__(self, n=32, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            3,
            8,
            (3, 3),
            strides=2,
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.dense = nnx.Linear(
            8 * -(-n // 2) * -(-n // 2), 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x = jnp.pad(inputs, spatial_padding(padding(inputs, 3), 2))
        x = self.conv(x)
        return self.dense(x.reshape(x.shape[0], -1))
""",
    )


def test_numbers_that_are_no_sizes_stay_unknown() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def padding(inputs, factor):
            half = inputs.shape[1] // 2 if factor else len(factor.split())
            return ((half, half), (half, half))


        def build(factor, size=32):
            inputs = keras.Input((n, n, 3))
            x = layers.ZeroPadding2D(padding(inputs, factor))(inputs)
            return keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)))
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx

        from tf_compat import spatial_padding


        def padding(inputs, factor):
            half = inputs.shape[1] // 2 if factor else len(factor.split())
            return ((half, half), (half, half))


        class Build(nnx.Module):
            def __init__(self, dense_in_features, factor, size=32, *, rngs: nnx.Rngs):
                self.factor = factor
                self.dense = nnx.Linear(
                    dense_in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, inputs):
                x = jnp.pad(inputs, spatial_padding(padding(inputs, self.factor), 2))
                return self.dense(x.reshape(x.shape[0], -1))
        """,
    )
