"""Classes that extend classes of the project."""

from __future__ import annotations

from tests.harness import check_compile


def test_arguments_that_a_subclass_passes_on() -> None:
    check_compile(
        """
import keras


class Base(keras.layers.Layer):
    def __init__(self, heads, size, out=None, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.size = size
        self.out = out or heads * size

    def build(self, shape):
        self.dense = keras.layers.Dense(self.heads * self.size)
        self.last = keras.layers.Dense(self.out)

    def call(self, x):
        return self.last(self.dense(x))


class Rotary(Base):
    def __init__(self, rotary=True, **kwargs):
        super().__init__(**kwargs)
        self.rotary = rotary

    def call(self, x):
        if self.rotary:
            x = x * 2.0
        return super().call(x)


class All(Base):
    def __init__(self, heads, size, out=3, **kwargs):
        super().__init__(heads, size=size, out=out, **kwargs)


class Encoder(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.attention = Rotary(heads=2, size=4, name="a")
        self.other = All(2, 4)

    def call(self, x):
        return self.other(self.attention(x))
""",
        """\
from flax import nnx


class Base(nnx.Module):
    def __init__(self, in_features, heads, size, out=None, *, rngs: nnx.Rngs):
        self.heads = heads
        self.size = size
        self.out = out or heads * size
        self.dense = nnx.Linear(
            in_features,
            self.heads * self.size,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.last = nnx.Linear(
            heads * size, self.out, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.last(self.dense(x))


class Rotary(Base):
    def __init__(self, in_features, rotary=True, *, rngs: nnx.Rngs, **kwargs):
        super().__init__(in_features, **kwargs, rngs=rngs)
        self.rotary = rotary

    def __call__(self, x):
        if self.rotary:
            x = x * 2.0
        return super().__call__(x)


class All(Base):
    def __init__(self, in_features, heads, size, out=3, *, rngs: nnx.Rngs):
        super().__init__(in_features, heads, size=size, out=out, rngs=rngs)


class Encoder(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.attention = Rotary(in_features, heads=2, size=4, rngs=rngs)
        self.other = All(self.attention.out, 2, 4, rngs=rngs)

    def __call__(self, x):
        return self.other(self.attention(x))
""",
    )
