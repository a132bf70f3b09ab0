"""Recurrent layers that go on from their last states, and models that start them again."""

import tensorflow as tf
from tensorflow.keras import layers


class Windows(tf.keras.Model):
    """Reads a long series in windows."""

    def __init__(self, units=4):
        super().__init__()
        self.lstm = layers.LSTM(units, stateful=True, return_sequences=True)
        self.gru = layers.GRU(units, stateful=True, return_state=True)
        self.head = layers.Dense(2)

    def call(self, x):
        y, state = self.gru(self.lstm(x))
        return self.head(y), state

    def forget(self):
        self.lstm.reset_states()
        self.gru.reset_states()


def build_windows(units=4):
    x = layers.Input(batch_shape=(2, None, 3))
    y = layers.LSTM(units, stateful=True, return_sequences=True, name="lstm")(x)
    y, state = layers.GRU(units, stateful=True, return_state=True)(y)
    return tf.keras.Model(x, [layers.Dense(2)(y), state])


def build_cells():
    x = layers.Input(batch_shape=(2, 5, 3))
    y = layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True, stateful=True))(x)
    cells = [layers.GRUCell(3), layers.GRUCell(4)]
    return tf.keras.Model(x, layers.RNN(cells, stateful=True)(y))


def text_generator(vocab_size=11, embedding_dim=4, units=5, batch_size=2):
    return tf.keras.Sequential(
        [
            layers.Embedding(vocab_size, embedding_dim, batch_input_shape=[batch_size, None]),
            layers.GRU(units, return_sequences=True, stateful=True),
            layers.Dense(vocab_size),
        ]
    )


def generate(ids, steps=3):
    """Ids one after the other, from a new start."""
    model = text_generator(batch_size=1)
    model.reset_states()
    found = []
    for _ in range(steps):
        ids = tf.argmax(model(ids)[:, -1:], axis=-1)
        found.append(ids)
    return found


def generator(units=6):
    """A functional model with a fixed batch."""
    x = layers.Input(batch_shape=(2, 5, 3))
    y = layers.LSTM(units, stateful=True)(x)
    return tf.keras.Model(x, layers.Dense(3)(y))
