"""Tensors that a function takes or not."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_tensor_that_may_be_left_out() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def up(x, skip=None, filters=8):
            x = layers.Conv2D(filters, 3)(x)
            if skip is not None:
                x = layers.Concatenate()([x, skip])
            return layers.Conv2D(filters, 1)(x)


        def build():
            inputs = keras.Input((32, 32, 3))
            x = up(inputs)
            x = up(x, x)
            return keras.Model(inputs, x)
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Up(nnx.Module):
            def __init__(self, in_features, filters=8, *, skip_features=None, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    (3, 3),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                if skip_features is not None:
                    x_features = filters + skip_features
                else:
                    x_features = filters
                self.conv_1 = nnx.Conv(
                    x_features,
                    filters,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x, skip=None):
                x = self.conv(x)
                if skip is not None:
                    x = jnp.concatenate([x, skip], axis=-1)
                return self.conv_1(x)


        class Build(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.up = Up(3, rngs=rngs)
                self.up_1 = Up(8, skip_features=8, rngs=rngs)

            def __call__(self, inputs):
                x = self.up(inputs)
                x = self.up_1(x, x)
                return x
        """,
    )


def test_a_function_hands_on_what_may_be_none() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def adjust(p, x, filters):
            if p is None:
                p = x
            elif p.shape[-1] != filters:
                p = layers.Conv2D(filters, 1)(p)
            return p


        def cell(x, p, filters):
            p = adjust(p, x, filters)
            y = layers.Conv2D(filters, 3, padding="same")(p)
            return layers.Concatenate()([p, y]), x


        def build(n=3, filters=8):
            inputs = keras.Input((32, 32, 3))
            p = None
            x, p = cell(inputs, p, filters)
            for _ in range(n):
                x, p = cell(x, p, 2 * filters)
            return keras.Model(inputs, layers.Conv2D(4, 3)(x))
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Adjust(nnx.Module):
    def __init__(self, x_features, filters, *, p_features=None, rngs: nnx.Rngs):
        self.filters = filters
        if p_features is None:
            p_features = x_features
        elif p_features != filters:
            self.conv = nnx.Conv(
                p_features,
                filters,
                (1, 1),
                padding="VALID",
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            )
            p_features = filters
        self.out_features = p_features

    def __call__(self, p, x):
        if p is None:
            p = x
        elif p.shape[-1] != self.filters:
            p = self.conv(p)
        return p


class Cell(nnx.Module):
    def __init__(self, x_features, filters, *, p_features=None, rngs: nnx.Rngs):
        self.adjust = Adjust(x_features, filters, p_features=p_features, rngs=rngs)
        self.conv = nnx.Conv(
            self.adjust.out_features,
            filters,
            (3, 3),
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )

    def __call__(self, x, p):
        p = self.adjust(p, x)
        y = self.conv(p)
        return jnp.concatenate([p, y], axis=-1), x


class Build(nnx.Module):
    def __init__(self, n=3, filters=8, *, rngs: nnx.Rngs):
        self.cell = Cell(3, filters, rngs=rngs)
        p_features = 3
        x_features = self.cell.adjust.out_features + filters
        self.cells = nnx.List([])
        for _ in range(n):
            self.cells.append(Cell(x_features, 2 * filters, p_features=p_features, rngs=rngs))
            p_features = x_features
            x_features = self.cells[-1].adjust.out_features + 2 * filters
        self.conv = nnx.Conv(
            x_features,
            4,
            (3, 3),
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )

    def __call__(self, inputs):
        x, p = self.cell(inputs, None)
        for cell in self.cells:
            x, p = cell(x, p)
        return self.conv(x)
""",
    )


def test_a_tensor_that_every_call_passes() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def up(x, skip, filters=8):
            if skip is not None:
                x = layers.Concatenate()([x, skip])
            return layers.Conv2D(filters, 1)(x)


        def build():
            inputs = keras.Input((32, 32, 3))
            return keras.Model(inputs, up(inputs, inputs))
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Up(nnx.Module):
            def __init__(self, x_features, skip_features, filters=8, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    skip_features + x_features,
                    filters,
                    (1, 1),
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x, skip):
                x = jnp.concatenate([x, skip], axis=-1)
                return self.conv(x)


        class Build(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.up = Up(3, 3, rngs=rngs)

            def __call__(self, inputs):
                return self.up(inputs, inputs)
        """,
    )
