"""Helpers that return functions which apply layers (the closure style of detection models)."""

import functools

from tensorflow.keras import layers
from tensorflow.keras.models import Model


def conv_bn(filters, size, **kwargs):
    def apply(x):
        x = layers.Conv2D(filters, size, padding="same", use_bias=False, **kwargs)(x)
        x = layers.BatchNormalization()(x)
        return layers.LeakyReLU(0.1)(x)

    return apply


def compose(*funcs):
    """Left-to-right composition."""
    return functools.reduce(lambda f, g: lambda *a, **kw: g(f(*a, **kw)), funcs)


def residual(filters):
    def f(x):
        y = compose(conv_bn(filters // 2, 1), conv_bn(filters, 3))(x)
        return layers.Add()([x, y])

    return f


def build_model():
    inputs = layers.Input((16, 16, 3))
    x = conv_bn(8, 3, strides=2)(inputs)
    x = residual(8)(x)
    x = compose(conv_bn(16, 3), layers.GlobalAveragePooling2D())(x)
    return Model(inputs, layers.Dense(4)(x))
