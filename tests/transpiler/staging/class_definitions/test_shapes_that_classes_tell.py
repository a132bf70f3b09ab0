"""Shapes that `build` changes, that classes say they keep, and that only a configuration reads."""

from __future__ import annotations

from tests.harness import check_compile


def test_shapes_that_build_changes_and_shapes_of_several_inputs() -> None:
    check_compile(
        """
import keras


class Encoder(keras.layers.Layer):
    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.heads = heads

    def build(self, inputs_shape):
        hidden = inputs_shape[-1]
        self.attention = keras.layers.MultiHeadAttention(self.heads, hidden // self.heads)
        if hasattr(self.attention, "_build_from_signature"):
            self.attention._build_from_signature(query=inputs_shape, value=inputs_shape)
        else:
            self.attention.build(query_shape=inputs_shape, value_shape=inputs_shape)
        self.inner = keras.layers.Dense(self.width, use_bias=False)
        self.inner.build(inputs_shape)
        self.outer = keras.layers.Dense(hidden, use_bias=False)
        inner_shape = list(inputs_shape)
        inner_shape[-1] = self.width
        self.outer.build(tuple(inner_shape))
        self.last = keras.layers.Dense(hidden, use_bias=False)
        self.last.build(self.inner.compute_output_shape(inputs_shape))

    def call(self, x):
        x = self.attention(query=x, value=x)
        return self.outer(self.inner(x)) + self.last(self.inner(x))
""",
        """\
from flax import nnx


class Encoder(nnx.Module):
    def __init__(self, in_features, width, heads, *, rngs: nnx.Rngs):
        self.width = width
        self.heads = heads
        hidden = in_features
        self.attention = nnx.MultiHeadAttention(
            self.heads,
            in_features,
            qkv_features=self.heads * (hidden // self.heads),
            in_kv_features=in_features,
            kernel_init=nnx.initializers.glorot_uniform(),
            decode=False,
            rngs=rngs,
        )
        self.inner = nnx.Linear(
            in_features,
            self.width,
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.outer = nnx.Linear(
            width, hidden, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.last = nnx.Linear(
            width, hidden, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        x = self.attention(x, x, x)
        return self.outer(self.inner(x)) + self.last(self.inner(x))
""",
    )


def test_classes_that_say_that_they_keep_the_shape() -> None:
    check_compile(
        """
import keras
from keras import ops


class Attention(keras.layers.Layer):
    def call(self, x):
        return ops.einsum("btd,bsd->bts", x, x) @ x

    def compute_output_shape(self, input_shape):
        return input_shape


class Block(keras.layers.Layer):
    def build(self, input_shape):
        self.attention = Attention()
        self.attention.build(input_shape)
        shape = self.attention.compute_output_shape(input_shape)
        self.dense = keras.layers.Dense(3, use_bias=False)
        self.dense.build(shape)

    def call(self, x):
        return self.dense(self.attention(x))
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Attention(nnx.Module):
    def __call__(self, x):
        return jnp.einsum("btd,bsd->bts", x, x) @ x


class Block(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.attention = Attention()
        self.dense = nnx.Linear(
            in_features, 3, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(self.attention(x))
""",
    )


def test_what_reversible_embeddings_give() -> None:
    check_compile(
        """
import keras


class Position(keras.layers.Layer):
    def build(self, inputs_shape):
        self.table = self.add_weight(shape=[16, inputs_shape[-1]], initializer="zeros")

    def call(self, inputs):
        return inputs + self.table


class Net(keras.Model):
    def __init__(self, vocabulary, width, **kwargs):
        self.tokens = keras.layers.ReversibleEmbedding(
            vocabulary, width, embeddings_initializer="zeros"
        )
        self.position = Position()
        ids = keras.Input(shape=(16,), dtype="int32", name="ids")
        x = self.position(self.tokens(ids))
        super().__init__(inputs=ids, outputs=self.tokens(x, reverse=True), **kwargs)
""",
        """\
from flax import nnx


class Position(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.table = nnx.Param(nnx.initializers.zeros(rngs.params(), [16, in_features]))

    def __call__(self, inputs):
        return inputs + self.table[...]


class Net(nnx.Module):
    def __init__(self, vocabulary, width, *, rngs: nnx.Rngs):
        self.tokens = nnx.Embed(vocabulary, width, embedding_init=nnx.initializers.zeros, rngs=rngs)
        self.position = Position(width, rngs=rngs)

    def __call__(self, ids):
        x = self.position(self.tokens(ids))
        return self.tokens.attend(x)
""",
    )


def test_shapes_that_only_the_configuration_reads() -> None:
    check_compile(
        """
import keras


class Heads(keras.layers.Layer):
    def build(self, input_shape):
        self.input_size = input_shape
        self.dense = keras.layers.EinsumDense("btd,dnh->btnh", (None, 2, 3))
        self.dense.build(input_shape)

    def call(self, x):
        return self.dense(x)

    def get_build_config(self):
        return {"input_shape": self.input_size}
""",
        """\
from flax import nnx


class Heads(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.LinearGeneral(
            in_features,
            (2, 3),
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )

    def __call__(self, x):
        return self.dense(x)
""",
    )
