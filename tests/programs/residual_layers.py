"""Residual blocks that a method strings together, with a shortcut that is a layer or a lambda."""

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Block(layers.Layer):
    def __init__(self, width, stride=1):
        super().__init__()
        self.conv1 = layers.Conv2D(width, 3, strides=stride, padding="same")
        self.norm1 = layers.BatchNormalization()
        self.relu = layers.Activation("relu")
        self.conv2 = layers.Conv2D(width, 3, padding="same")
        self.norm2 = layers.BatchNormalization()
        if stride != 1:
            self.shortcut = keras.Sequential()
            self.shortcut.add(layers.Conv2D(width, 1, strides=stride))
        else:
            self.shortcut = lambda x: x

    def call(self, inputs, training=None):
        out = self.relu(self.norm1(self.conv1(inputs), training=training))
        out = self.norm2(self.conv2(out), training=training)
        return tf.nn.relu(layers.add([out, self.shortcut(inputs)]))


class Head(layers.Layer):
    """Layers of unlike kinds, put together in a loop."""

    def __init__(self, units, rate=0.1):
        super().__init__()
        hidden = []
        for n in units:
            hidden.append(layers.Dense(n, activation="relu"))
            hidden.append(layers.LayerNormalization())
            if rate > 0:
                hidden.append(layers.Dropout(rate))
        self.hidden = keras.Sequential(hidden)
        self.steps = []
        for n in units:
            self.steps.append(layers.Dense(n, activation="tanh"))
            self.steps.append(layers.Dropout(rate))
        self.out = layers.Dense(2)

    def call(self, x, training=False):
        x = self.hidden(x, training=training)
        for step in self.steps:
            x = step(x, training=training)
        return self.out(x)


class ResNet(keras.Model):
    def __init__(self, counts):
        super().__init__()
        self.stem = keras.Sequential([layers.Conv2D(4, 3), layers.BatchNormalization()])
        self.layer1 = self.make_layer(4, counts[0])
        self.layer2 = self._make_layer(8, counts[1], stride=2)
        self.pool = layers.GlobalAveragePooling2D()
        self.head = Head((6, 5))

    def make_layer(self, width, count, stride=1):
        blocks = keras.Sequential()
        blocks.add(Block(width, stride))
        for _ in range(1, count):
            blocks.add(Block(width, stride=1))
        return blocks

    def _make_layer(self, width, count, stride=1):
        blocks = [Block(width, stride)]
        for _ in range(1, count):
            blocks.append(Block(width))
        return keras.Sequential(blocks)

    def call(self, images, training=False):
        x = self.stem(images, training=training)
        x = self.layer1(x, training=training)
        x = self.layer2(x, training=training)
        return self.head(self.pool(x), training=training)


def resnet():
    return ResNet([2, 3])
