"""Layer classes that attributes hold: plain, by a setting, as partials, from the caller."""

import functools

from tensorflow import keras
from tensorflow.keras import backend, layers


class Residual(layers.Layer):
    def __init__(self, filters, strides=1, use_projection=False, epsilon=0.01, **kwargs):
        super().__init__(**kwargs)
        self._filters = filters
        self._strides = strides
        self._use_projection = use_projection
        self._epsilon = epsilon
        self._norm = layers.BatchNormalization
        if backend.image_data_format() == "channels_last":
            self._bn_axis = -1
        else:
            self._bn_axis = 1
        self._activation_fn = keras.activations.get("relu")

    def build(self, input_shape):
        if self._use_projection:
            self._shortcut = layers.Conv2D(self._filters, 1, strides=self._strides, use_bias=False)
            self._norm0 = self._norm(axis=self._bn_axis, epsilon=self._epsilon, trainable=True)
        self._conv1 = layers.Conv2D(self._filters, 3, strides=self._strides, padding="same")
        self._norm1 = self._norm(axis=self._bn_axis, epsilon=self._epsilon, trainable=True)
        super().build(input_shape)

    def call(self, inputs, training=None):
        shortcut = inputs
        if self._use_projection:
            shortcut = self._norm0(self._shortcut(shortcut))
        x = self._activation_fn(self._norm1(self._conv1(inputs)))
        return self._activation_fn(x + shortcut)


class Stage(layers.Layer):
    """The kind of layer is the caller's choice, with a default."""

    def __init__(self, filters, conv=layers.Conv2D, last_norm=True):
        super().__init__()
        self.conv_class = conv
        self.same = functools.partial(layers.Conv2D, padding="same", activation="tanh")
        self.norm_class = layers.LayerNormalization if last_norm else layers.BatchNormalization
        self.first = self.conv_class(filters, 1)
        self.second = self.same(filters, 3)
        self.norm = self.norm_class(epsilon=0.1)

    def call(self, x):
        return self.norm(self.second(self.first(x)))


class Net(keras.Model):
    def __init__(self, width=6):
        super().__init__()
        block = Residual
        self.blocks = [block(width, use_projection=True), block(width)]
        self.stage = Stage(width, last_norm=False)
        self.block_class = Residual
        self.more = self.block_class(2 * width, 2, use_projection=True)

    def call(self, x, training=None):
        for block in self.blocks:
            x = block(x, training=training)
        return self.more(self.stage(x))
