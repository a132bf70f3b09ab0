"""`self.x = layer if condition else something else`."""

import tensorflow as tf
from tensorflow.keras.layers import BatchNormalization, Conv2D, Layer


class ConvUnit(Layer):
    def __init__(self, filters, norm=True, act="relu", stride=1):
        super().__init__()
        self.conv = Conv2D(filters, 3, strides=stride, padding="same", use_bias=not norm)
        self.bn = BatchNormalization(momentum=0.9) if norm else tf.identity
        self.act = tf.keras.layers.Activation(act) if act is not None else (lambda x: x)

    def call(self, x):
        return self.act(self.bn(self.conv(x)))


class Net(tf.keras.Model):
    def __init__(self, filters=8):
        super().__init__()
        self.c1 = ConvUnit(filters, norm=True, act="swish")
        self.c2 = ConvUnit(filters * 2, norm=False, act=None, stride=2)

    def call(self, x):
        return self.c2(self.c1(x))
