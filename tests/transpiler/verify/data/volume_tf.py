import tensorflow as tf
from tensorflow import keras


class Volume(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = keras.layers.Conv3D(4, 3, padding="same", activation="relu")
        self.pool = keras.layers.MaxPooling3D(2)

    def call(self, x):
        x = self.pool(self.conv(x))
        return tf.nn.max_pool3d(x, 3, 2, "SAME")
