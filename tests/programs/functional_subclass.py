"""A model whose constructor builds a functional graph."""

import keras


class Block(keras.layers.Layer):
    def __init__(self, width, rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(width, activation="relu")
        self.drop = keras.layers.Dropout(rate)

    def call(self, x, training=None):
        return self.drop(self.dense(x), training=training)


class Backbone(keras.Model):
    def __init__(self, features=5, width=8, depth=2, name="backbone", **kwargs):
        # === Layers ===
        self.embed = keras.layers.Dense(width, name="embed")
        self.blocks = []
        for i in range(depth):
            block = Block(width, rate=0.1, name=f"block_{i}")
            self.blocks.append(block)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-6)

        # === Graph ===
        inputs = keras.Input(shape=(None, features), name="tokens")
        x = self.embed(inputs)
        for block in self.blocks:
            x = x + block(x)
        x = self.norm(x)
        super().__init__(inputs=inputs, outputs=x, name=name, **kwargs)

        # === Config ===
        self.width = width
        self.depth = depth
