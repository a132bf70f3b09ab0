"""Classes of layers as arguments, in dicts and in registries."""

from __future__ import annotations

from tests.harness import check_compile


def test_classes_as_values() -> None:
    check_compile(
        """\
\"\"\"Classes and functions as values.\"\"\"

from functools import partial

from tensorflow import keras
from tensorflow.keras import layers

Conv3x3 = partial(layers.Conv2D, kernel_size=3, padding="same")
REGISTRY = {}


def register(name):
    def decorator(cls):
        REGISTRY[name] = cls
        return cls

    return decorator


@register("plain")
class Plain(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)


@register("gated")
class Gated(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)
        self.gate = layers.Dense(units, activation="sigmoid")

    def call(self, x):
        return self.dense(x) * self.gate(x)


BLOCKS = {"plain": Plain, "gated": Gated}


class Net(keras.Model):
    def __init__(self, kind="plain", block_cls=Gated, n=2):
        super().__init__()
        self.conv = Conv3x3(8)
        self.first = BLOCKS[kind](4)
        self.second = block_cls(5)
        self.blocks = [block_cls(6) for _ in range(n)]
        self.third = REGISTRY[kind](4)
        self.fourth = REGISTRY["gated"](3)

    def call(self, x):
        x = self.conv(x)
        x = self.first(x)
        x = self.second(x)
        for block in self.blocks:
            x = block(x)
        return self.fourth(self.third(x))
""",
        """\
\"\"\"Classes and functions as values.\"\"\"

from flax import nnx

REGISTRY = {}


def register(name):
    def decorator(cls):
        REGISTRY[name] = cls
        return cls

    return decorator


@register("plain")
class Plain(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x)


@register("gated")
class Gated(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.gate = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x) * nnx.sigmoid(self.gate(x))


BLOCKS = {"plain": Plain, "gated": Gated}


class Net(nnx.Module):
    def __init__(self, in_features, kind="plain", block_cls=Gated, n=2, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            in_features, 8, (3, 3), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.first = BLOCKS[kind](8, 4, rngs=rngs)
        self.second = block_cls(4, 5, rngs=rngs)
        features = 5
        self.blocks = nnx.List([])
        for _ in range(n):
            self.blocks.append(block_cls(features, 6, rngs=rngs))
            features = 6
        self.third = REGISTRY[kind](features, 4, rngs=rngs)
        self.fourth = Gated(4, 3, rngs=rngs)

    def __call__(self, x):
        x = self.conv(x)
        x = self.first(x)
        x = self.second(x)
        for block in self.blocks:
            x = block(x)
        return self.fourth(self.third(x))
""",
    )
