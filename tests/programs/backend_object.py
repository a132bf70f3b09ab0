"""Keras found by name: by import_module, by getattr, and by a backend object that looks it up."""

from importlib import import_module

import tensorflow as tf

_KERAS = "tensorflow.keras"


def keras_import(sub=None, *names):
    if sub is None:
        return import_module(_KERAS)
    module = import_module("{}.{}".format(_KERAS, sub))
    if not names:
        return module
    elif len(names) == 1:
        return getattr(module, names[0])
    return tuple(getattr(module, name) for name in names)


K = keras_import("backend")
Input, Conv2D, MaxPooling2D, UpSampling2D, Concatenate = keras_import(
    "layers", "Input", "Conv2D", "MaxPooling2D", "UpSampling2D", "Concatenate"
)
Model = keras_import("models", "Model")

_remap = dict(tf=tf)


class Backend(object):
    def __getattr__(self, name):
        if name in _remap:
            return _remap[name]
        return getattr(K, name)


BACKEND = Backend()


def channels_last():
    assert BACKEND.image_data_format() in ("channels_first", "channels_last")
    return BACKEND.image_data_format() == "channels_last"


def conv_block(filters, size, activation="relu", **kwargs):
    def apply(x):
        return Conv2D(filters, size, padding="same", activation=activation, **kwargs)(x)

    return apply


def unet_block(depth=2, base=4):
    axis = -1 if channels_last() else 1

    def apply(x):
        skips = []
        for n in range(depth):
            x = conv_block(base * 2**n, 3, name="down_%s" % n)(x)
            skips.append(x)
            x = MaxPooling2D(2)(x)
        for n in reversed(range(depth)):
            x = Concatenate(axis=axis)([UpSampling2D(2)(x), skips[n]])
            x = conv_block(base * 2 ** max(0, n - 1), 3, name="up_%s" % n)(x)
        return x

    return apply


def build_model(input_shape=(16, 16, 3)):
    x = Input(input_shape)
    y = unet_block()(x)
    if BACKEND.int_shape(y)[-1] != 1:
        y = Conv2D(1, 1)(y)
    return Model(x, BACKEND.tf.keras.layers.Activation("tanh")(y))
