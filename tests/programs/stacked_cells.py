"""Stacks of cells from comprehensions: constants, a list of sizes, cells that are alike."""

import tensorflow as tf
from tensorflow.keras import layers


class Net(tf.keras.Model):
    def __init__(self, sizes=(5, 3), units=4, depth=3):
        super().__init__()
        self.constant = layers.RNN([layers.LSTMCell(n) for n in (4, 6)], return_sequences=True)
        self.sized = layers.RNN(
            layers.StackedRNNCells([layers.GRUCell(n) for n in sizes]), return_sequences=True
        )
        self.alike = layers.RNN([layers.LSTMCell(units) for _ in range(depth)])
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(self.alike(self.sized(self.constant(x))))
