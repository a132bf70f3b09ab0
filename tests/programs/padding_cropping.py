"""ZeroPadding, Cropping, in their int, pair and nested-pair forms."""

from tensorflow.keras import layers
from tensorflow.keras.models import Sequential


def build_model():
    model = Sequential()
    model.add(layers.ZeroPadding2D(padding=3, input_shape=(10, 10, 2)))
    model.add(layers.Conv2D(4, 7, strides=2, padding="valid"))
    model.add(layers.ZeroPadding2D(((0, 1), (1, 0))))
    model.add(layers.MaxPooling2D(3, strides=2))
    model.add(layers.ZeroPadding2D((2, 1)))
    model.add(layers.Cropping2D(((1, 0), (0, 1))))
    model.add(layers.Reshape((-1, 4)))
    model.add(layers.ZeroPadding1D((2, 0)))
    model.add(layers.Conv1D(4, 3))
    model.add(layers.Cropping1D(1))
    return model
