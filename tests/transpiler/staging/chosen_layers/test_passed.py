"""Functions that are passed to others."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_local_function_takes_what_it_captures() -> None:
    check_compile(
        """
        from tensorflow.keras import layers


        def net(stack, x, factor):
            x = layers.Dense(4)(x)
            x = stack(x, factor)
            return layers.Dense(4)(x)


        def tiny(x, width):
            def stack(y, factor):
                return layers.Dense(int(factor * width), kernel_initializer="zeros")(y)

            return net(stack, x, 2)
        """,
        """\
        import functools

        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, in_features, stack, factor, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.stack_layer = stack(4, factor, rngs=rngs)
                self.dense_1 = nnx.Linear(
                    self.stack_layer.out_features,
                    4,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x):
                x = self.dense(x)
                x = self.stack_layer(x)
                return self.dense_1(x)


        class TinyStack(nnx.Module):
            def __init__(self, in_features, factor, *, width, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, int(factor * width), kernel_init=nnx.initializers.zeros, rngs=rngs
                )
                self.out_features = int(factor * width)

            def __call__(self, y):
                return self.dense(y)


        class Tiny(nnx.Module):
            def __init__(self, in_features, width, *, rngs: nnx.Rngs):
                self.net = Net(in_features, functools.partial(TinyStack, width=width), 2, rngs=rngs)

            def __call__(self, x):
                return self.net(x)
        """,
    )


def test_functions_that_return_activations_keep_shapes() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        def activation(name, as_layer=False):
            if as_layer and name in ("relu", "linear"):
                return layers.Activation(name)
            return keras.activations.get(name)


        class Block(layers.Layer):
            def __init__(self, units, act, **kwargs):
                super().__init__(**kwargs)
                self.dense = layers.Dense(units)
                self.act = activation(act)
                self.out = layers.Dense(units)

            def call(self, x):
                return self.out(self.act(self.dense(x)))
        """,
        """\
        from flax import nnx

        from tf_compat import get_activation


        def activation(name, as_layer=False):
            if as_layer and name in ("relu", "linear"):
                return get_activation(name)
            return get_activation(name)


        class Block(nnx.Module):
            def __init__(self, in_features, units, act, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.act = activation(act)
                self.out = nnx.Linear(
                    units, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.out(self.act(self.dense(x)))
        """,
    )
