"""Results whose rank only the call tells; loops over layers that give pairs."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_residual_has_the_rank_of_its_input_at_the_call() -> None:
    check_compile(
        """
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.dense = keras.layers.Dense(size)

    def call(self, x):
        y = self.dense(x)
        return x + y, y


def build(depth):
    inputs = keras.Input((8, 4))
    x = inputs
    for _ in range(depth):
        x, _ = Block(4)(x)
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
""",
        """\
from flax import nnx


class Block(nnx.Module):
    def __init__(self, in_features, size, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, size, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        y = self.dense(x)
        return x + y, y


class Build(nnx.Module):
    def __init__(self, depth, *, rngs: nnx.Rngs):
        self.blocks = nnx.List([])
        for _ in range(depth):
            self.blocks.append(Block(4, 4, rngs=rngs))
        self.dense = nnx.Linear(32, 2, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, inputs):
        x = inputs
        for block in self.blocks:
            x, _ = block(x)
        return self.dense(x.reshape(x.shape[0], -1))
""",
    )


def test_what_a_call_without_a_cache_gives() -> None:
    check_compile(
        """
import keras


class Attention(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(8)

    def call(self, x, cache=None):
        if cache is not None:
            x = x + cache
        y = self.dense(x)
        if cache is not None:
            return y, cache
        return y


class Decoder(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.attention = Attention()

    def call(self, x, cache=None):
        y = self.attention(x, cache=cache)
        if cache is not None:
            y, cache = y
        x = x + y
        if cache is not None:
            return x, cache
        return x


def build(depth):
    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(100, 8)(tokens)
    for _ in range(depth):
        x = Decoder()(x)
    return keras.Model(tokens, keras.layers.Dense(4)(x))
""",
        """\
from flax import nnx

from tf_compat import uniform_initializer


class Attention(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, 8, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x, cache=None):
        if cache is not None:
            x = x + cache
        y = self.dense(x)
        if cache is not None:
            return y, cache
        return y


class Decoder(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.attention = Attention(in_features, rngs=rngs)

    def __call__(self, x, cache=None):
        y = self.attention(x, cache=cache)
        if cache is not None:
            y, cache = y
        x = x + y
        if cache is not None:
            return x, cache
        return x


class Build(nnx.Module):
    def __init__(self, depth, *, rngs: nnx.Rngs):
        self.embedding = nnx.Embed(
            100, 8, embedding_init=uniform_initializer(-0.05, 0.05), rngs=rngs
        )
        self.decoders = nnx.List([])
        for _ in range(depth):
            self.decoders.append(Decoder(8, rngs=rngs))
        self.dense = nnx.Linear(8, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, tokens):
        x = self.embedding(tokens)
        for decoder in self.decoders:
            x = decoder(x)
        return self.dense(x)
""",
    )
