"""Layers of Keras, extended."""

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class ScaledDense(layers.Dense):
    """A Dense layer whose output is scaled."""

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


class GainedDense(layers.Dense):
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
    x = GainedDense(4, use_bias=False)(x)
    return keras.Model(inputs, Mlp(3)(x))
