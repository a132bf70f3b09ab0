"""Shapes that build takes apart."""

from __future__ import annotations

from tests.harness import check_compile


def test_sizes_that_build_unpacks() -> None:
    check_compile(
        """
import keras


class Heads(keras.layers.Layer):
    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads

    def build(self, inputs_shape):
        batch_size, seq_length, hidden_dim = inputs_shape
        self.head_dim = hidden_dim // self.num_heads
        self.dense = keras.layers.Dense(hidden_dim)
        self.dense.build(inputs_shape)

    def call(self, inputs, cache=None):
        return self.dense(inputs)
""",
        """\
from flax import nnx


class Heads(nnx.Module):
    def __init__(self, in_features, num_heads, *, rngs: nnx.Rngs):
        self.num_heads = num_heads
        hidden_dim = in_features
        self.head_dim = hidden_dim // self.num_heads
        self.dense = nnx.Linear(
            in_features, hidden_dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs, cache=None):
        return self.dense(inputs)
""",
    )


def test_shapes_that_only_build_layers() -> None:
    check_compile(
        """
import keras


class Block(keras.layers.Layer):
    def __init__(self, dim, normalize, **kwargs):
        super().__init__(**kwargs)
        self.normalize = normalize
        self.gate = keras.layers.EinsumDense("btd,df->btf", output_shape=(None, dim // 2))
        self.out = keras.layers.EinsumDense("btf,fd->btd", output_shape=(None, dim))
        if normalize:
            self.norm = keras.layers.LayerNormalization()

    def build(self, input_shape):
        self.gate.build(input_shape)
        shape = self.gate.compute_output_shape(input_shape)
        self.out.build(shape)
        if self.normalize:
            shape = self.out.compute_output_shape(shape)
            self.norm.build(shape)

    def call(self, x):
        x = self.out(self.gate(x))
        return self.norm(x) if self.normalize else x
""",
        """\
from flax import nnx


class Block(nnx.Module):
    def __init__(self, in_features, dim, normalize, *, rngs: nnx.Rngs):
        self.normalize = normalize
        self.gate = nnx.Linear(
            in_features,
            dim // 2,
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.out = nnx.Linear(
            dim // 2, dim, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        if normalize:
            self.norm = nnx.LayerNorm(dim, epsilon=0.001, use_fast_variance=False, rngs=rngs)

    def __call__(self, x):
        x = self.out(self.gate(x))
        return self.norm(x) if self.normalize else x
""",
    )
