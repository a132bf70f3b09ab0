"""Extra results on demand, blocks in stages: what leaves one is the input of the next."""

import tensorflow as tf


class Block(tf.keras.layers.Layer):
    def __init__(self, dim, ratio):
        super().__init__()
        self.dim = dim
        self.fc1 = tf.keras.layers.Dense(dim * ratio)
        self.fc2 = tf.keras.layers.Dense(dim)

    def call(self, x, training=False):
        shortcut = x
        x = self.fc2(self.fc1(x))
        x = x + shortcut
        return x


class Stage(tf.keras.layers.Layer):
    def __init__(self, stride, dim, blocks):
        super().__init__()
        if stride > 1:
            self.norm = tf.keras.layers.LayerNormalization()
            self.down = tf.keras.layers.Conv2D(dim, stride, stride)
        else:
            self.norm = None
            self.down = None
        self.blocks = [Block(dim, 4) for idx in range(blocks)]

    def call(self, x, training=False, return_features=False):
        features = {}
        if self.down is not None:
            x = self.norm(x)
            x = self.down(x)
            features["down"] = x
        for idx, block in enumerate(self.blocks):
            x = block(x, training=training)
            features[f"block_{idx}"] = x
        return (x, features) if return_features else x


class Net(tf.keras.Model):
    def __init__(self, dims, depths, classes=3):
        super().__init__()
        self.stem = tf.keras.layers.Conv2D(dims[0], 4, 4)
        self.stages = []
        for i in range(len(dims)):
            self.stages.append(Stage(2 if i > 0 else 1, dims[i], depths[i]))
        self.norm = tf.keras.layers.LayerNormalization()
        self.fc = tf.keras.layers.Dense(classes)

    def call(self, x, training=False, return_features=False):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x, training=training, return_features=return_features)
            if return_features:
                x, more = x
        x = tf.reduce_mean(x, (1, 2))
        return self.fc(self.norm(x))
