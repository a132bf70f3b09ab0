"""A layer whose `__call__` changes its inputs before Keras runs `call`."""

from tensorflow import keras
from tensorflow.keras import layers


class Gated(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)
        self.norm = layers.BatchNormalization()

    def __call__(self, inputs, gate=None, **kwargs):
        if gate is None:
            return super().__call__(inputs, **kwargs)
        return super().__call__([inputs, gate], **kwargs)

    def call(self, inputs, training=None):
        if isinstance(inputs, list):
            return self.norm(self.dense(inputs[0]), training=training) * inputs[1]
        return self.norm(self.dense(inputs), training=training)


class Level(layers.Layer):
    """Takes a tensor, or one of a dict of tensors."""

    def __init__(self, level, **kwargs):
        super().__init__(**kwargs)
        self.level = level
        self.last = layers.Lambda(lambda x: x[:, -1, :])
        self.dense = layers.Dense(3)

    def call(self, inputs):
        x = inputs[self.level] if isinstance(inputs, dict) else inputs
        return self.dense(self.last(x))


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Gated(6)
        self.second = Gated(6)
        self.level = Level("high")
        self.plain = Level("low")

    def call(self, x, training=None):
        y = self.first(x, training=training)
        y = self.second(y, gate=x, training=training)
        return self.level({"high": y}) + self.plain(y)
