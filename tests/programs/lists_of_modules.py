"""Modules of the project in lists that are filled one by one, and parts made under a test."""

import tensorflow as tf
from tensorflow import keras


class Narrow(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(width)
        self.drop = keras.layers.Dropout(0.1)

    def call(self, x, training=None):
        return self.drop(self.dense(x), training=training)


class Wide(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.layers.Dense(4 * width, activation="relu")
        self.outer = keras.layers.Dense(width)

    def call(self, x, training=None):
        return self.outer(self.inner(x))


class Encoder(keras.Model):
    def __init__(self, width=8, embedding=4, deep=False):
        super().__init__()
        self.same = []
        first = Narrow(width, name="first")
        self.same.append(first)
        second = Narrow(width, name="second")
        self.same.append(second)
        self.mixed = [Narrow(width), Wide(width)]
        self.stages = []
        self.stages.append(Narrow(embedding))
        self.stages.append(Wide(embedding))
        self.stages.append(Narrow(embedding))
        if embedding != width:
            self.project = keras.layers.Dense(width, name="project")
        if deep:
            self.extra = Wide(width)

    def call(self, x, training=None):
        for layer in self.stages:
            x = layer(x, training=training)
        if hasattr(self, "project"):
            x = self.project(x)
        if getattr(self, "extra", None) is not None:
            x = self.extra(x, training=training)
        for layer in self.same:
            x = layer(x, training=training)
        for i, block in enumerate(self.mixed):
            x = x + block(x, training)
        return x


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Narrow(8), Narrow(16)]
        self.norms = [keras.layers.LayerNormalization(), keras.layers.LayerNormalization()]
        self.groups = [[Narrow(4), Narrow(5)], [Narrow(6)]]
        self.heads = [Narrow(3), Narrow(7)]
        self.more = [Narrow(2), Narrow(3)]

    def call(self, x, training=None):
        for norm, block in zip(self.norms, self.blocks):
            x = block(norm(x), training=training)
        for i in range(len(self.more)):
            x = self.more[i](x)
        for group in self.groups:
            for block in group:
                x = block(x)
        outputs = [head(x) for head in self.heads]
        results = []
        for head in reversed(self.heads):
            results.append(head(x))
        return tf.concat(outputs, axis=-1), results
