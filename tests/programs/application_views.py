"""Outputs of a layer in the middle of a model of `keras.applications`, and layers behind it."""

from tensorflow import keras
from tensorflow.keras import layers


def build_model(classes=3):
    inputs = keras.Input((32, 32, 1))
    x = layers.Conv2D(3, 1, name="colours")(inputs)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    features = keras.Model(inputs=base.input, outputs=base.get_layer("block2_pool").output)
    x = features(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(x))
