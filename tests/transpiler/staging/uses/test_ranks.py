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


def test_flags_of_an_object_and_attributes_that_they_decide_tell_sizes() -> None:
    check_compile(
        """\
        from typing import Optional

        import tensorflow as tf


        class Patches(tf.keras.layers.Layer):
            def __init__(self, patch_size: int, stride: Optional[int] = None, flatten: bool = True):
                super().__init__()
                self.patch_size = patch_size
                self.stride = stride or patch_size
                self.flatten = flatten
                self.pad = tf.keras.layers.ZeroPadding2D(1 if self.stride != self.patch_size else 0)
                self.projection = tf.keras.layers.Conv2D(8, self.patch_size, strides=self.stride)

            def call(self, x):
                x = self.projection(self.pad(x))
                batch_size, height, width = tf.unstack(tf.shape(x)[:3])
                if self.flatten:
                    x = tf.reshape(x, (batch_size, height * width, -1))
                return x


        class Mix(tf.keras.layers.Layer):
            def __init__(self, hidden: int):
                super().__init__()
                self.dense = tf.keras.layers.Dense(hidden)

            def call(self, x):
                return self.dense(tf.transpose(x, (0, 2, 1)))


        class Net(tf.keras.Model):
            def __init__(self, size: int = 4):
                super().__init__()
                self.stem = Patches(size)
                self.mix = Mix(5)

            def call(self, x):
                return self.mix(self.stem(x))
        """,
        """\
        from typing import Optional

        import jax.numpy as jnp
        from flax import nnx


        class Patches(nnx.Module):
            def __init__(
                self,
                in_features,
                patch_size: int,
                stride: Optional[int] = None,
                flatten: bool = True,
                *,
                rngs: nnx.Rngs,
            ):
                self.patch_size = patch_size
                self.stride = stride or patch_size
                self.flatten = flatten
                self.projection = nnx.Conv(
                    in_features,
                    8,
                    (self.patch_size, self.patch_size),
                    strides=self.stride,
                    padding="VALID",
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x):
                x = self.projection(
                    jnp.pad(
                        x,
                        (
                            (0, 0),
                            (
                                1 if self.stride != self.patch_size else 0,
                                1 if self.stride != self.patch_size else 0,
                            ),
                            (
                                1 if self.stride != self.patch_size else 0,
                                1 if self.stride != self.patch_size else 0,
                            ),
                            (0, 0),
                        ),
                    ),
                )
                batch_size, height, width = x.shape[:3]
                if self.flatten:
                    x = jnp.reshape(x, (batch_size, height * width, -1))
                return x


        class Mix(nnx.Module):
            def __init__(self, in_shape, hidden: int, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    in_shape[0], hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(jnp.transpose(x, (0, 2, 1)))


        class Net(nnx.Module):
            def __init__(self, in_features, in_shape, size: int = 4, *, rngs: nnx.Rngs):
                self.stem = Patches(in_features, size, rngs=rngs)
                self.mix = Mix((in_shape[0] // size * (in_shape[1] // size), 8), 5, rngs=rngs)

            def __call__(self, x):
                return self.mix(self.stem(x))
        """,
    )


def test_what_adds_to_its_input_keeps_its_shape_in_a_loop() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Mix(tf.keras.layers.Layer):
            def __init__(self, hidden: int, tokens: int):
                super().__init__()
                self.dense = tf.keras.layers.Dense(hidden)
                self.out = tf.keras.layers.Dense(tokens)

            def call(self, x):
                y = self.dense(tf.transpose(x, (0, 2, 1)))
                return x + tf.transpose(self.out(y), (0, 2, 1))


        class Net(tf.keras.Model):
            def __init__(self, tokens: int, blocks: int = 2):
                super().__init__()
                self.embedding = tf.keras.layers.Conv1D(8, 1)
                self.blocks = [Mix(5, tokens) for _ in range(blocks)]

            def call(self, x):
                x = self.embedding(x)
                for block in self.blocks:
                    x = block(x)
                return x
        """,
        """\
import jax.numpy as jnp
from flax import nnx


class Mix(nnx.Module):
    def __init__(self, in_shape, hidden: int, tokens: int, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_shape[0], hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.out = nnx.Linear(
            hidden, tokens, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        y = self.dense(jnp.transpose(x, (0, 2, 1)))
        return x + jnp.transpose(self.out(y), (0, 2, 1))


class Net(nnx.Module):
    def __init__(self, in_features, in_shape, tokens: int, blocks: int = 2, *, rngs: nnx.Rngs):
        self.embedding = nnx.Conv(
            in_features,
            8,
            1,
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.blocks = nnx.List([Mix((in_shape[0], 8), 5, tokens, rngs=rngs) for _ in range(blocks)])

    def __call__(self, x):
        x = self.embedding(x)
        for block in self.blocks:
            x = block(x)
        return x
""",
    )
