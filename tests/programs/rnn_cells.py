"""Cells of the project in RNN, stacks of cells, both ways, and layers over time."""

import tensorflow as tf
from tensorflow.keras import layers


class Minimal(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight("kernel", (input_shape[-1], self.units))
        self.recurrent = self.add_weight("recurrent", (self.units, self.units))
        self.built = True

    def call(self, inputs, states):
        prev = states[0]
        h = tf.matmul(inputs, self.kernel)
        out = h + tf.matmul(prev, self.recurrent)
        return out, [out]


class Net(tf.keras.Model):
    def __init__(self, units=4):
        super().__init__()
        self.rnn = layers.RNN(Minimal(units), return_sequences=True)
        cells = [layers.LSTMCell(units) for _ in range(2)]
        stacked = layers.StackedRNNCells(cells)
        self.stack = layers.RNN(stacked, return_sequences=True, return_state=True)
        self.two = layers.RNN([Minimal(3), layers.GRUCell(5)], return_sequences=True)
        self.bi = layers.Bidirectional(layers.RNN(Minimal(units)), merge_mode="concat")
        self.cell = layers.LSTMCell(6)
        self.last = layers.RNN(self.cell)
        self.td = layers.TimeDistributed(layers.Dense(3, activation="relu"))
        self.conv = layers.TimeDistributed(layers.Conv1D(3, 2, activation="relu"))

    def call(self, x):
        x = self.rnn(x)
        x, s1, s2 = self.stack(x)
        x = self.two(x)
        y = self.last(x)
        c = self.conv(x[..., None])
        return self.bi(x), self.td(x), y, s2[0], c


def build():
    x = inputs = layers.Input((6, 3))
    x = layers.RNN(Minimal(4), return_sequences=True)(x)
    x = layers.TimeDistributed(layers.Dense(3, activation="relu"))(x)
    x = layers.RNN([layers.LSTMCell(4), Minimal(2)], return_sequences=True)(x)
    parts = tf.keras.Sequential([layers.Reshape((2, 1)), layers.Conv1D(3, 2), layers.Flatten()])
    y = layers.TimeDistributed(parts)(x)
    backward = layers.RNN(Minimal(5), go_backwards=True)
    x = layers.Bidirectional(layers.RNN(Minimal(4)), backward_layer=backward)(x)
    return tf.keras.Model(inputs, [x, y])
