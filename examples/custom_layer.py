# -*- coding: utf-8 -*-
"""Custom Keras layers: a factorised dense layer and a learned per-channel gate."""
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import activations, initializers, regularizers


@keras.utils.register_keras_serializable(package='examples')
class FactorizedDense(keras.layers.Layer):
    """Dense layer with a kernel of low rank: ``y = act(x @ U @ V + b)``.

    Arguments:
        units: Positive integer, dimensionality of the output space.
        rank: Inner dimension of the two factors.
        activation: Activation function (name or callable).
        kernel_initializer: Initializer of both factors.
        kernel_regularizer: Regularizer of both factors.

    Input shape:
        N-D tensor: `(batch_size, ..., input_dim)`.
    """

    def __init__(self,
                 units,
                 rank,
                 activation=None,
                 use_bias=True,
                 kernel_initializer='glorot_uniform',
                 kernel_regularizer=None,
                 **kwargs):
        super().__init__(**kwargs)
        self.units = int(units)
        self.rank = int(rank)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.u = self.add_weight(name='u',
                                 shape=(input_dim, self.rank),
                                 initializer=self.kernel_initializer,
                                 regularizer=self.kernel_regularizer,
                                 trainable=True)
        self.v = self.add_weight(name='v',
                                 shape=(self.rank, self.units),
                                 initializer=self.kernel_initializer,
                                 regularizer=self.kernel_regularizer,
                                 trainable=True)
        if self.use_bias:
            self.bias = self.add_weight(name='bias', shape=(self.units,), initializer='zeros')
        else:
            self.bias = None
        super().build(input_shape)

    def call(self, inputs):
        outputs = tf.matmul(tf.matmul(inputs, self.u), self.v)
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, self.bias)
        if self.activation is not None:
            outputs = self.activation(outputs)
        return outputs

    def get_config(self):
        config = super().get_config()
        config.update({
            'units': self.units,
            'rank': self.rank,
            'activation': activations.serialize(self.activation),
            'use_bias': self.use_bias,
            'kernel_initializer': initializers.serialize(self.kernel_initializer),
            'kernel_regularizer': regularizers.serialize(self.kernel_regularizer),
        })
        return config


class ChannelGate(keras.layers.Layer):
    """Scales each channel by a sigmoid gate; open (0.88) at the start."""

    def build(self, input_shape):
        self.gate = self.add_weight(
            name='gate', shape=(input_shape[-1],), initializer=initializers.Constant(2.0))

    def call(self, inputs):
        return inputs * tf.sigmoid(self.gate)


def build_model(input_dim=24, units=32, rank=4, num_outputs=3):
    return keras.Sequential([
        keras.Input(shape=(input_dim,)),
        FactorizedDense(units, rank, activation='relu', kernel_regularizer='l2'),
        ChannelGate(name='gate'),
        FactorizedDense(num_outputs, rank, use_bias=False),
    ])
