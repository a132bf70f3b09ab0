"""Classes and functions as values."""

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
