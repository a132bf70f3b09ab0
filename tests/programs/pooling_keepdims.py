"""Global pooling with and without keepdims; 1D, 2D, 3D pooling."""

import tensorflow as tf
from tensorflow.keras import layers as nn


def build_model():
    image = nn.Input((9, 9, 4))
    clip = nn.Input((4, 6, 6, 2))
    signal = nn.Input((11, 3))
    a = nn.GlobalAveragePooling2D(keepdims=True)(image)
    a = nn.Conv2D(5, 1)(a)
    a = nn.Flatten()(a)
    b = nn.GlobalMaxPool2D()(nn.AvgPool2D(3, strides=2, padding="same")(image))
    c = nn.GlobalAveragePooling3D()(nn.MaxPooling3D(2)(nn.Conv3D(4, 3, padding="same")(clip)))
    d = nn.GlobalMaxPooling1D()(nn.AveragePooling1D(2)(nn.Conv1D(4, 3)(signal)))
    return tf.keras.Model([image, clip, signal], nn.Concatenate(axis=1)([a, b, c, d]))
