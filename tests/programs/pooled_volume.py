"""Max pooling of volumes whose zeros are equal: which of them gets the gradient."""

import keras
from keras import layers


class Volume(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = layers.Conv3D(4, 3, padding="same", activation="relu")
        self.norm = layers.BatchNormalization()
        self.pool = layers.MaxPooling3D(2)
        self.overlapping = layers.MaxPooling3D(3, strides=2, padding="same")
        self.head = layers.Dense(2)

    def call(self, clip):
        x = self.norm(self.conv(clip))
        x = self.overlapping(self.pool(x))
        return self.head(x)
