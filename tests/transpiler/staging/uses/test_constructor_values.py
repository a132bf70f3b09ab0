"""Values that the modules of functions are made with."""

from __future__ import annotations

from tests.harness import check_compile


def test_what_only_the_call_computes_makes_no_module() -> None:
    check_compile(
        """\
        import keras
        from keras import layers


        def axis_of(order):
            return -1 if order().startswith("last") else 1


        def conv(x, filters):
            return layers.Conv2D(filters, 1, use_bias=False)(x)


        def block(x, order, expansion=4):
            channels = x.shape[axis_of(order)]
            return conv(x, channels * expansion)


        def build(order):
            inputs = keras.Input((32, 32, 3))
            return keras.Model(inputs, block(inputs, order))
        """,
        """\
from flax import nnx


def axis_of(order):
    return -1 if order().startswith("last") else 1


class Conv(nnx.Module):
    def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            in_features,
            filters,
            (1, 1),
            padding="VALID",
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.out_features = filters

    def __call__(self, x):
        return self.conv(x)


class Block(nnx.Module):
    def __init__(self, in_features, expansion=4, *, rngs: nnx.Rngs):
        # TJ5020: `filters` of `Conv` is only known when data flows
        # original: channels * expansion
        raise NotImplementedError("TJ5020: `filters` of `Conv` is only known when data flows")
        self.conv = Conv(in_features, ..., rngs=rngs)

    def __call__(self, x):
        return self.conv(x)


class Build(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.block = Block(3, rngs=rngs)

    def __call__(self, inputs):
        return self.block(inputs)
""",
        left=["TJ5020"],
    )
