"""Layers that exist only under a condition on the configuration."""

import tensorflow as tf


class Block(tf.keras.layers.Layer):
    def __init__(self, units, use_norm=True, dropout=0.0, project=False, **kwargs):
        super().__init__(**kwargs)
        self.use_norm = use_norm
        self.rate = dropout
        self.project = project
        self.fc = tf.keras.layers.Dense(units)
        if use_norm:
            self.norm = tf.keras.layers.LayerNormalization()
        if dropout > 0:
            self.drop = tf.keras.layers.Dropout(dropout)
        if self.project:
            self.shortcut = tf.keras.layers.Dense(units, use_bias=False)

    def call(self, x, training=False):
        y = self.fc(x)
        if self.use_norm:
            y = self.norm(y)
        if self.rate > 0:
            y = self.drop(y, training=training)
        if self.project:
            x = self.shortcut(x)
        return tf.nn.relu(x + y)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Block(16, project=True)
        self.second = Block(16, use_norm=False, dropout=0.5)

    def call(self, x, training=False):
        return self.second(self.first(x, training=training), training=training)
