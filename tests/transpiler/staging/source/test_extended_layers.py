"""Classes that extend a layer of Keras."""

from __future__ import annotations

from tests.harness import check_compile


def test_classes_hold_the_layer_they_extend() -> None:
    check_compile(
        """\
\"\"\"Layers of Keras, extended.\"\"\"

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class ScaledDense(layers.Dense):
    \"\"\"A Dense layer whose output is scaled.\"\"\"

    def __init__(self, *args, factor=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.factor = factor

    def call(self, inputs):
        return self.factor * super().call(inputs)


class StandardizedConv(layers.Conv2D):
    def __init__(self, filters, kernel_size, **kwargs):
        super(StandardizedConv, self).__init__(filters, kernel_size, padding="same", **kwargs)

    def call(self, inputs):
        mean = tf.reduce_mean(self.kernel, axis=[0, 1, 2], keepdims=True)
        variance = tf.math.reduce_variance(self.kernel, axis=[0, 1, 2], keepdims=True)
        kernel = (self.kernel - mean) / tf.sqrt(variance + 1e-5)
        outputs = tf.nn.conv2d(inputs, kernel, self.strides, self.padding.upper())
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, self.bias)
        if self.activation is not None:
            return self.activation(outputs)
        return outputs


class FrozenNorm(keras.layers.BatchNormalization):
    def call(self, inputs, training=None):
        if training is None:
            training = False
        training = tf.logical_and(training, self.trainable)
        return super().call(inputs, training)


class Norm(keras.layers.BatchNormalization):
    def __init__(self, name=None):
        super().__init__(momentum=0.9, epsilon=1e-4, name=name)


class Scaled2(layers.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.gain = self.add_weight(name="gain", shape=(self.units,), initializer="ones")

    def call(self, x):
        return super().call(x) * self.gain


class Block(keras.Sequential):
    def __init__(self, filters):
        super().__init__()
        self.add(layers.Conv2D(filters, 3, padding="same"))
        self.add(layers.BatchNormalization())
        self.add(layers.ReLU())


class Mlp(keras.Sequential):
    def __init__(self, units):
        super().__init__([layers.Dense(units, activation="relu"), layers.Dense(units)])


def build_model():
    x = inputs = keras.Input((8, 8, 3))
    x = StandardizedConv(4, 3, strides=2, activation="relu")(x)
    x = FrozenNorm()(x)
    x = Norm()(x)
    x = Block(5)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = ScaledDense(6, factor=0.5)(x)
    x = Scaled2(4, use_bias=False)(x)
    return keras.Model(inputs, Mlp(3)(x))
""",
        """\
\"\"\"Layers of Keras, extended.\"\"\"

import jax.numpy as jnp
from flax import nnx
from jax import lax

from tf_compat import get_activation


class ScaledDense(nnx.Module):
    \"\"\"A Dense layer whose output is scaled.\"\"\"

    def __init__(self, in_features, units, *, factor=1.0, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.factor = factor

    def __call__(self, inputs):
        return self.factor * self.dense(inputs)


class StandardizedConv(nnx.Module):
    def __init__(
        self, in_features, filters, kernel_size, strides=(1, 1), activation=None, *, rngs: nnx.Rngs
    ):
        self.conv = nnx.Conv(
            in_features,
            filters,
            (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size),
            strides=strides,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.strides = (strides,) * 2 if isinstance(strides, int) else tuple(strides)
        self.padding = "same"
        self.activation = get_activation(activation)
        self.use_bias = True

    def __call__(self, inputs):
        mean = jnp.mean(self.conv.kernel[...], axis=[0, 1, 2], keepdims=True)
        variance = jnp.var(self.conv.kernel[...], axis=[0, 1, 2], keepdims=True)
        kernel = (self.conv.kernel[...] - mean) / jnp.sqrt(variance + 1e-5)
        outputs = lax.conv_general_dilated(
            inputs,
            kernel,
            window_strides=(self.strides,) * 2
            if isinstance(self.strides, int)
            else tuple(self.strides),
            padding="SAME",
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )
        if self.use_bias:
            outputs = outputs + self.conv.bias[...]
        if self.activation is not None:
            return self.activation(outputs)
        return outputs


class FrozenNorm(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.bn = nnx.BatchNorm(in_features, epsilon=0.001, use_fast_variance=False, rngs=rngs)

    def __call__(self, inputs):
        return self.bn(inputs)


class Norm(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.bn = nnx.BatchNorm(
            in_features, momentum=0.9, epsilon=1e-4, use_fast_variance=False, rngs=rngs
        )

    def __call__(self, inputs):
        return self.bn(inputs)


class Scaled2(nnx.Module):
    def __init__(self, in_features, units, use_bias=True, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features,
            units,
            use_bias=use_bias,
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )
        self.units = units
        self.gain = nnx.Param(nnx.initializers.ones(rngs.params(), (self.units,)))

    def __call__(self, x):
        return self.dense(x) * self.gain[...]


class Block(nnx.Module):
    def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
        self.layers = nnx.Sequential(
            nnx.Conv(
                in_features,
                filters,
                (3, 3),
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            ),
            nnx.BatchNorm(filters, epsilon=0.001, use_fast_variance=False, rngs=rngs),
            nnx.relu,
        )

    def __call__(self, inputs):
        return self.layers(inputs)


class Mlp(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.layers = nnx.Sequential(
            nnx.Linear(
                in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
            ),
            nnx.relu,
            nnx.Linear(units, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs),
        )

    def __call__(self, inputs):
        return self.layers(inputs)


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.standardized_conv = StandardizedConv(3, 4, 3, strides=2, activation="relu", rngs=rngs)
        self.frozen_norm = FrozenNorm(4, rngs=rngs)
        self.norm = Norm(4, rngs=rngs)
        self.block = Block(4, 5, rngs=rngs)
        self.scaled_dense = ScaledDense(5, 6, factor=0.5, rngs=rngs)
        self.scaled2 = Scaled2(6, 4, use_bias=False, rngs=rngs)
        self.mlp = Mlp(4, 3, rngs=rngs)

    def __call__(self, inputs):
        x = inputs
        x = self.standardized_conv(x)
        x = self.frozen_norm(x)
        x = self.norm(x)
        x = self.block(x)
        x = jnp.mean(x, axis=(1, 2))
        x = self.scaled_dense(x)
        x = self.scaled2(x)
        return self.mlp(x)
""",
    )


def test_required_arguments_after_defaults_are_keywords() -> None:
    before = """\
        from tensorflow import keras


        class Scaled(keras.layers.Dense):
            def __init__(self, gamma=1.0, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.gamma = gamma

            def call(self, x):
                return super().call(x) * self.gamma


        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.out = Scaled(2.0, units=3)

            def call(self, x):
                return self.out(keras.ops.reshape(x, (-1, 4)))
        """
    text = check_compile(before).text
    assert "def __init__(self, in_features, gamma=1.0, *, units, rngs: nnx.Rngs):" in text
    assert "self.out = Scaled(4, 2.0, units=3, rngs=rngs)" in text
