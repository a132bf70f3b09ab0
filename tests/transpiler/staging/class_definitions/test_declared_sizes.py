"""Sizes that `build` gives to layers, in configured models."""

from __future__ import annotations

from tests.harness import check_compile


def test_build_of_a_layer_tells_its_size() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(config.hidden)
        self.norm = keras.layers.LayerNormalization()
        self.config = config

    def call(self, outputs):
        return self.norm(self.dense(outputs[0]))

    def build(self, input_shape=None):
        if self.built:
            return
        self.built = True
        if getattr(self, "dense", None) is not None:
            with tf.name_scope(self.dense.name):
                self.dense.build([None, None, self.config.width])
        if getattr(self, "norm", None) is not None:
            with tf.name_scope(self.norm.name):
                self.norm.build([None, None, 2 * self.config.hidden])


class Net(keras.Model):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [Block(config, name=f"block_{i}") for i in range(config.depth)]

    def call(self, x):
        for block in self.blocks:
            x = block((x,))
        return x

    def build(self, input_shape=None):
        if self.built:
            return
        self.built = True
        for block in self.blocks:
            with tf.name_scope(block.name):
                block.build(None)
""",
        """\
from flax import nnx


class Block(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            config.width, config.hidden, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.norm = nnx.LayerNorm(
            2 * config.hidden, epsilon=0.001, use_fast_variance=False, rngs=rngs
        )
        self.config = config

    def __call__(self, outputs):
        return self.norm(self.dense(outputs[0]))


class Net(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        self.blocks = nnx.List([Block(config, rngs=rngs) for i in range(config.depth)])

    def __call__(self, x):
        for block in self.blocks:
            x = block((x,))
        return x
""",
    )


def test_build_of_a_layer_in_a_list_of_a_branch() -> None:
    check_compile(
        """
from tensorflow import keras


class Stage(keras.layers.Layer):
    def __init__(self, in_channels, out_channels, **kwargs):
        super().__init__(**kwargs)
        if in_channels != out_channels:
            self.down = [keras.layers.Dense(out_channels)]
        else:
            self.down = [keras.layers.LayerNormalization()]
        self.in_channels = in_channels

    def build(self, input_shape=None):
        self.down[0].build([None, self.in_channels])

    def call(self, x):
        for layer in self.down:
            x = layer(x)
        return x
""",
        """\
from flax import nnx


class Stage(nnx.Module):
    def __init__(self, in_channels, out_channels, *, rngs: nnx.Rngs):
        if in_channels != out_channels:
            self.down = nnx.List(
                [
                    nnx.Linear(
                        in_channels,
                        out_channels,
                        kernel_init=nnx.initializers.glorot_uniform(),
                        rngs=rngs,
                    ),
                ],
            )
        else:
            self.down = nnx.List(
                [nnx.LayerNorm(in_channels, epsilon=0.001, use_fast_variance=False, rngs=rngs)]
            )
        self.in_channels = in_channels

    def __call__(self, x):
        for layer in self.down:
            x = layer(x)
        return x
""",
    )


def test_a_size_that_a_variable_of_the_constructor_holds() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Patch(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        size, num_channels = config.size, config.num_channels
        self.num_channels = num_channels
        self.projection = keras.layers.Dense(size)

    def build(self, input_shape=None):
        if getattr(self, "projection", None) is not None:
            with tf.name_scope(self.projection.name):
                self.projection.build([None, None, self.num_channels])

    def call(self, x):
        return self.projection(tf.transpose(x, (0, 2, 1)))
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Patch(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        size, num_channels = config.size, config.num_channels
        self.num_channels = num_channels
        self.projection = nnx.Linear(
            num_channels, size, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.projection(jnp.transpose(x, (0, 2, 1)))
""",
    )


def test_attributes_that_are_parts_of_variables_of_the_constructor() -> None:
    check_compile(
        """
from tensorflow import keras


class Main(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        text_config = config.text_config
        self.text = keras.layers.Dense(config.projection, use_bias=False)
        self.text_dim = text_config.hidden_size

    def call(self, outputs):
        return self.text(outputs[1])

    def build(self, input_shape=None):
        self.text.build([None, None, self.text_dim])
""",
        """\
from flax import nnx


class Main(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        text_config = config.text_config
        self.text = nnx.Linear(
            text_config.hidden_size,
            config.projection,
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.text_dim = text_config.hidden_size

    def __call__(self, outputs):
        return self.text(outputs[1])
""",
    )


def test_sizes_beside_layers_in_a_loop_of_build() -> None:
    check_compile(
        """
from tensorflow import keras


class Encoder(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.norms = [keras.layers.LayerNormalization(name=f"n{i}") for i in range(config.depth)]
        self.heads = []
        for i in range(config.depth):
            self.heads.append(keras.layers.Dense(4, use_bias=False))

    def call(self, states):
        found = ()
        for state, norm in zip(states, self.norms):
            found += (norm(state),)
        return tuple(head(x) for head, x in zip(self.heads, found))

    def build(self, input_shape=None):
        if self.built:
            return
        self.built = True
        for layer, shape in zip(self.norms, self.config.sizes):
            layer.build([None, None, shape])
        for i, head in enumerate(self.heads):
            head.build([None, None, 2 * self.config.sizes[i]])
""",
        """\
from flax import nnx


class Encoder(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        self.config = config
        self.norms = nnx.List(
            [
                nnx.LayerNorm(config.sizes[i], epsilon=0.001, use_fast_variance=False, rngs=rngs)
                for i in range(config.depth)
            ],
        )
        self.heads = nnx.List([])
        for i in range(config.depth):
            self.heads.append(
                nnx.Linear(
                    2 * config.sizes[i],
                    4,
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                ),
            )

    def __call__(self, states):
        found = ()
        for state, norm in zip(states, self.norms):
            found += (norm(state),)
        return tuple(head(x) for head, x in zip(self.heads, found))
""",
    )


def test_attributes_that_are_computed_of_others() -> None:
    check_compile(
        """
from tensorflow import keras


class Embeddings(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        self.size = config.size
        self.dense = keras.layers.Dense(config.width, use_bias=False)
        self.whole = self.size * (3 if config.trigram else 1)

    def call(self, parts):
        return self.dense(parts[0])

    def build(self, input_shape=None):
        self.dense.build([None, None, self.whole])
""",
        """\
from flax import nnx


class Embeddings(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        self.size = config.size
        self.dense = nnx.Linear(
            config.size * (3 if config.trigram else 1),
            config.width,
            use_bias=False,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.whole = self.size * (3 if config.trigram else 1)

    def __call__(self, parts):
        return self.dense(parts[0])
""",
    )
