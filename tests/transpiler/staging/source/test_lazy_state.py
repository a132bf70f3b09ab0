"""Variables that a tf.Module makes in its first call are made by its constructor."""

from __future__ import annotations

from tests.harness import check_compile


def test_block_under_a_flag() -> None:
    check_compile(
        """
        import tensorflow as tf


        class Linear(tf.Module):
            def __init__(self, size, name=None):
                super().__init__(name=name)
                self.is_built = False
                self.size = size

            def __call__(self, x):
                if not self.is_built:
                    self.w = tf.Variable(tf.zeros([x.shape[-1], self.size]), name="w")
                    self.is_built = True
                return tf.matmul(x, self.w)


        class Stack(tf.Module):
            def __init__(self, sizes, name=None):
                super().__init__(name=name)
                self.layers = []
                with self.name_scope:
                    for size in sizes:
                        self.layers.append(Linear(size))

            def __call__(self, x):
                for layer in self.layers[:-1]:
                    x = tf.nn.relu(layer(x))
                return self.layers[-1](x)
        """,
        """\
        import jax
        import jax.numpy as jnp
        from flax import nnx


        class Linear(nnx.Module):
            def __init__(self, in_features, size):
                self.size = size
                self.w = nnx.Param(jnp.asarray(jnp.zeros([in_features, self.size])))

            def __call__(self, x):
                return jnp.matmul(x, self.w[...])


        class Stack(nnx.Module):
            def __init__(self, in_features, sizes):
                self.layers = nnx.List([])
                features = in_features
                for size in sizes:
                    self.layers.append(Linear(features, size))
                    features = size

            def __call__(self, x):
                for layer in self.layers[:-1]:
                    x = jax.nn.relu(layer(x))
                return self.layers[-1](x)
        """,
    )


def test_method_that_runs_first() -> None:
    check_compile(
        """
        import tensorflow as tf


        def once(method):
            return method


        class Scale(tf.Module):
            @once
            def _initialize(self, inputs):
                tf.debugging.assert_rank_at_least(inputs, 2)
                width = inputs.shape[-1]
                self.scale = tf.Variable(tf.ones([width], inputs.dtype), name="scale")
                self.steps = tf.Variable(0.0, trainable=False)

            def __call__(self, inputs):
                self._initialize(inputs)
                self.steps.assign_add(1.0)
                return inputs * self.scale
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        def once(method):
            return method


        class Scale(nnx.Module):
            def __init__(self, in_features):
                width = in_features
                self.scale = nnx.Param(jnp.asarray(jnp.ones([width], dtype=jnp.float32)))
                self.steps = nnx.Variable(jnp.asarray(0.0))

            def __call__(self, inputs):
                self.steps.set_value(self.steps[...] + 1.0)
                return inputs * self.scale[...]
        """,
    )


def test_code_that_needs_values_stays() -> None:
    file = check_compile(
        """
        import tensorflow as tf


        class Offset(tf.Module):
            def _initialize(self, inputs):
                self.offset = tf.Variable(tf.reduce_mean(inputs, axis=0))

            def __call__(self, inputs):
                self._initialize(inputs)
                return inputs - self.offset
        """
    )
    assert "self._initialize(inputs)" in file.text


def test_build_walks_through_the_shapes_of_its_layers() -> None:
    file = check_compile(
        """
        from tensorflow.keras import layers


        class Block(layers.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.conv = layers.Conv2D(units, 3, strides=2)
                self.dense = layers.Dense(4)

            def build(self, input_shape):
                self.conv.build(input_shape)
                shape = self.conv.compute_output_shape(input_shape)
                self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")
                self.dense.build(shape)
                self.built = True

            def call(self, x):
                return self.dense(self.conv(x) * self.scale)
        """,
        flavour="keras3",
    )
    assert "self.scale = nnx.Param(nnx.initializers.ones(rngs.params(), (units,)))" in file.text
    assert "shape =" not in file.text
