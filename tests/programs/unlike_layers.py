"""Lists of layers that differ in kind, size and activation, run in loops."""

from tensorflow import keras


class Squeeze(keras.layers.Layer):
    """Squeeze and excite."""

    def __init__(self, channels, reduced):
        super().__init__()
        self.pooler = keras.layers.GlobalAveragePooling2D(keepdims=True)
        self.attention = [
            keras.layers.Conv2D(reduced, 1, activation="relu"),
            keras.layers.Conv2D(channels, 1, activation="sigmoid"),
        ]

    def call(self, x):
        pooled = self.pooler(x)
        for layer in self.attention:
            pooled = layer(pooled)
        return x * pooled


class Net(keras.Model):
    def __init__(self, width=6, classes=4):
        super().__init__()
        self.stem = keras.layers.Conv2D(width, 3, padding="same")
        self.squeeze = Squeeze(width, 2)
        self.head = [
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(width, activation="tanh"),
            keras.layers.LayerNormalization(),
            keras.layers.Dense(classes),
        ]

    def call(self, x):
        x = self.squeeze(self.stem(x))
        for i in range(len(self.head)):
            x = self.head[i](x)
        return x
