"""Depthwise, separable, grouped and dilated convolutions."""

from tensorflow.keras import Model, layers


def inverted_residual(x, expand, out, stride):
    inp = x
    c = x.shape[-1]
    x = layers.Conv2D(expand * c, 1, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", depth_multiplier=1)(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.Conv2D(out, 1)(x)
    if stride == 1 and c == out:
        x = layers.add([inp, x])
    return x


def build_model():
    inputs = layers.Input((17, 17, 4))
    x = inverted_residual(inputs, 3, 8, 2)
    x = inverted_residual(x, 2, 8, 1)
    x = layers.SeparableConv2D(6, 3, depth_multiplier=2, activation="relu")(x)
    x = layers.DepthwiseConv2D((3, 3), depth_multiplier=2, padding="same")(x)
    x = layers.Conv2D(8, 3, dilation_rate=2, padding="same")(x)
    x = layers.Conv2D(8, 3, groups=4)(x)
    return Model(inputs, x)
