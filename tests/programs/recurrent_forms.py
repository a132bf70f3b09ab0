"""Recurrent layers: return_state, initial_state, go_backwards, cells in RNN, reset_after=False."""

import tensorflow as tf
from tensorflow.keras import layers


class Recurrent(tf.keras.Model):
    def __init__(self, units=6):
        super().__init__()
        self.lstm = layers.LSTM(units, return_sequences=True, return_state=True)
        self.second = layers.LSTM(units, go_backwards=True, unit_forget_bias=False)
        self.gru = layers.GRU(units, reset_after=False, recurrent_activation="hard_sigmoid")
        self.simple = layers.SimpleRNN(units, activation="relu", use_bias=False)
        self.cells = layers.RNN([layers.GRUCell(units), layers.LSTMCell(units)])
        self.bi = layers.Bidirectional(layers.GRU(units), merge_mode="sum")

    def call(self, x):
        seq, h, c = self.lstm(x)
        a = self.second(seq, initial_state=[h, c])
        b = self.gru(seq)
        d = self.simple(seq, initial_state=h)
        e = self.cells(seq)
        return tf.concat([a, b, d, e, self.bi(seq)], axis=-1)
