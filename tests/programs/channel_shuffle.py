"""Ops on KerasTensors in functional code: operators, slicing, tf calls, method calls."""

import tensorflow as tf
from tensorflow.keras import layers


def channel_shuffle(x, groups):
    height, width, channels = x.shape.as_list()[1:]
    x = tf.reshape(x, [-1, height, width, groups, channels // groups])
    x = tf.transpose(x, [0, 1, 2, 4, 3])
    return tf.reshape(x, [-1, height, width, channels])


def build_model():
    inputs = tf.keras.Input((8, 8, 6))
    left, right = inputs[..., :3], inputs[..., 3:]
    left = layers.Conv2D(6, 1)(left)
    right = layers.DepthwiseConv2D(3, padding="same")(right)
    right = layers.Conv2D(6, 1, activation="relu")(right)
    x = channel_shuffle(tf.concat([left, right], -1), 2)
    x = (x - tf.reduce_mean(x, axis=-1, keepdims=True)) * 0.5 + 1.0
    x = x / (1e-3 + tf.abs(-x))
    attention = tf.nn.softmax(tf.reshape(layers.Conv2D(1, 1)(x), [-1, 64, 1]), axis=1)
    x = tf.math.reduce_sum(tf.reshape(x, [-1, 64, 12]) * attention, [1])
    return tf.keras.Model(inputs, x)
