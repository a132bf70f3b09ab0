"""Layers appended to lists on self, then walked by zip, enumerate and index."""

import tensorflow as tf


class Stack(tf.keras.Model):
    def __init__(self, widths=(16, 16, 8), dropout=0.1):
        super().__init__()
        self.denses = []
        self.norms = []
        for i, width in enumerate(widths):
            self.denses.append(tf.keras.layers.Dense(width, name="dense_%d" % i))
            self.norms.append(tf.keras.layers.LayerNormalization(name=f"norm_{i}"))
        self.drops = [tf.keras.layers.Dropout(dropout) for _ in range(len(widths))]
        self.n = len(widths)

    def call(self, x, training=None):
        for i, (dense, norm) in enumerate(zip(self.denses, self.norms)):
            y = norm(dense(x))
            if i > 0 and y.shape[-1] == x.shape[-1]:
                y = y + x
            x = self.drops[i](tf.nn.gelu(y), training=training)
        return x
