"""Layers that give pairs, in a loop; sizes of patches out of a tuple; tokens taken by Lambda."""

import keras
from keras import layers, ops


def both_sizes(size):
    return (size, size) if isinstance(size, int) else tuple(size)


class Positions(layers.Layer):
    def build(self, input_shape):
        self.table = self.add_weight(
            shape=(1, input_shape[1], input_shape[2]), initializer="random_normal", name="table"
        )

    def call(self, inputs):
        return inputs + self.table


class Attention(layers.Layer):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def build(self, input_shape):
        self.size = input_shape[-1]
        self.query = layers.Dense(self.size)
        self.key = layers.Dense(self.size)
        self.out = layers.Dense(self.size)

    def split(self, x, batch):
        x = ops.reshape(x, (batch, -1, self.heads, self.size // self.heads))
        return ops.transpose(x, axes=[0, 2, 1, 3])

    def call(self, inputs):
        batch = ops.shape(inputs)[0]
        query, key = self.split(self.query(inputs), batch), self.split(self.key(inputs), batch)
        weights = ops.softmax(ops.matmul(query, ops.transpose(key, axes=[0, 1, 3, 2])), axis=-1)
        mixed = ops.transpose(ops.matmul(weights, key), axes=[0, 2, 1, 3])
        return self.out(ops.reshape(mixed, (batch, -1, self.size))), weights


class Block(layers.Layer):
    def build(self, input_shape):
        self.attention = Attention(2)
        self.mlp = keras.Sequential([layers.Dense(12, "relu"), layers.Dense(input_shape[-1])])
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        x, weights = self.attention(inputs)
        x = x + inputs
        return x + self.mlp(self.norm(x)), weights


def build_model(image_size=16, patch=4, hidden=8, depth=2, classes=3):
    sizes = both_sizes(image_size)
    inputs = layers.Input(shape=(sizes[0], sizes[1], 3))
    x = layers.Conv2D(hidden, patch, strides=patch)(inputs)
    x = layers.Reshape((x.shape[1] * x.shape[2], hidden))(x)
    x = Positions()(x)
    for _ in range(depth):
        x, _ = Block()(x)
    first = layers.Lambda(lambda v: v[:, 0], name="first")(x)
    last = layers.Lambda(lambda v: ops.squeeze(v[:, -1:], axis=1))(x)
    return keras.Model(inputs, layers.Dense(classes)(layers.Concatenate()([first, last])))
