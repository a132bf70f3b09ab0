"""Strided 'same' and 'valid' convolutions on odd sizes, then Flatten and Dense."""

from tensorflow.keras import Sequential
from tensorflow.keras.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPool2D


def lenet(height=29, width=27, classes=7):
    return Sequential(
        [
            Conv2D(6, 5, strides=2, padding="same", activation="tanh",
                   input_shape=(height, width, 1)),
            AveragePooling2D(),
            Conv2D(12, (3, 2), strides=(2, 1), padding="valid", activation="tanh"),
            MaxPool2D(pool_size=2, strides=1, padding="same"),
            Flatten(),
            Dense(24, activation="tanh"),
            Dense(classes, activation="softmax"),
        ]
    )
