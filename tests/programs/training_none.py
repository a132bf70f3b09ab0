"""call(training=None) handed on to dropout and batch normalisation."""

import tensorflow as tf
from tensorflow.keras import layers


class Block(layers.Layer):
    def __init__(self, units, rate):
        super().__init__()
        self.dense = layers.Dense(units)
        self.bn = layers.BatchNormalization()
        self.dropout = layers.Dropout(rate)

    def call(self, inputs, training=None):
        x = self.dense(inputs)
        x = self.bn(x, training=training)
        x = tf.nn.relu6(x)
        return self.dropout(x, training=training)


class Net(tf.keras.Model):
    def __init__(self, units=16):
        super().__init__()
        self.block1 = Block(units, 0.2)
        self.block2 = Block(units, 0.2)
        self.head = layers.Dense(2)

    def call(self, inputs, training=None, mask=None):
        x = self.block1(inputs, training=training)
        x = self.block2(x)  # the mode travels by itself
        if training:
            x = x + 0.0
        return self.head(x)
