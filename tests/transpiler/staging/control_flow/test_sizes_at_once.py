"""Sizes of several variables that change together, in branches and in loops."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_size_that_a_branch_changes_is_kept_for_others() -> None:
    check_compile(
        """\
import keras
from keras import layers


def block(p, x, filters, wide=False):
    q = layers.ReLU()(p)
    if wide:
        p = layers.Conv2D(filters, 1)(p)
    return layers.Add()([layers.Conv2D(4, 1)(q), layers.Conv2D(4, 1)(p), layers.Conv2D(4, 1)(x)])


def build(wide=True):
    inputs = keras.Input((32, 32, 3))
    return keras.Model(inputs, block(inputs, inputs, 8, wide))
""",
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, p_features, x_features, filters, wide=False, *, rngs: nnx.Rngs):
                self.wide = wide
                q_features = p_features
                if wide:
                    self.conv = nnx.Conv(
                        p_features,
                        filters,
                        (1, 1),
                        padding="VALID",
                        kernel_init=nnx.initializers.glorot_uniform(),
                        rngs=rngs,
                    )
                    p_features = filters
                self.conv_1 = nnx.Conv(
                    q_features,
                    4,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.conv_2 = nnx.Conv(
                    p_features,
                    4,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.conv_3 = nnx.Conv(
                    x_features,
                    4,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, p, x):
                q = nnx.relu(p)
                if self.wide:
                    p = self.conv(p)
                return self.conv_1(q) + self.conv_2(p) + self.conv_3(x)


        class Build(nnx.Module):
            def __init__(self, wide=True, *, rngs: nnx.Rngs):
                self.block = Block(3, 3, 8, wide, rngs=rngs)

            def __call__(self, inputs):
                return self.block(inputs, inputs)
        """,
    )


def test_two_tensors_change_places_in_a_loop() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def build(n=3):
            a = inputs = keras.Input((32, 32, 3))
            b = layers.Conv2D(8, 1)(inputs)
            for _ in range(n):
                a, b = layers.Concatenate()([a, b]), a
            a = layers.Conv2D(4, 3, padding="same")(a)
            return keras.Model(inputs, a + layers.Conv2D(4, 3, padding="same")(b))
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Build(nnx.Module):
    def __init__(self, n=3, *, rngs: nnx.Rngs):
        self.n = n
        self.conv = nnx.Conv(
            3, 8, (1, 1), padding="VALID", kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        a_features = 3
        b_features = 8
        for _ in range(n):
            a_features, b_features = (a_features + b_features, a_features)
        self.conv_1 = nnx.Conv(
            a_features, 4, (3, 3), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.conv_2 = nnx.Conv(
            b_features, 4, (3, 3), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        a = inputs
        b = self.conv(inputs)
        for _ in range(self.n):
            a, b = jnp.concatenate([a, b], axis=-1), a
        a = self.conv_1(a)
        return a + self.conv_2(b)
""",
    )
