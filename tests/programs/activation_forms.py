"""Activations by name, callable, layer class, layer instance and Activation layer."""

import tensorflow as tf
from tensorflow.keras import activations, layers


def gelu(x):
    """The tanh approximation, written out."""
    return 0.5 * x * (1.0 + tf.tanh(0.7978845608 * (x + 0.044715 * tf.pow(x, 3))))


def act_layer(x, activation, name=None):
    if activation is None or activation == "linear":
        return x
    if activation == "prelu":
        return layers.PReLU(shared_axes=[1], name=name)(x)
    if callable(activation):
        return activation(x)
    return layers.Activation(activation, name=name)(x)


def build_model():
    inputs = layers.Input((7, 8))
    x = layers.Dense(8, activation="selu")(inputs)
    x = layers.Dense(8, activation=tf.nn.silu)(x)
    x = layers.Dense(8, activation=layers.LeakyReLU(alpha=0.2))(x)
    x = layers.Dense(8, activation=activations.softsign)(x)
    x = layers.Dense(8, activation=lambda t: tf.nn.relu(t) ** 2)(x)
    for activation in ["hard_sigmoid", gelu, "prelu", "linear", tf.keras.activations.swish, None]:
        x = act_layer(layers.Dense(8)(x), activation)
    x = layers.ELU(alpha=0.5)(x)
    x = layers.ThresholdedReLU(theta=0.1)(x)
    x = layers.Softmax(axis=1)(x)
    return tf.keras.Model(inputs, x)
