"""Models that share parts of one graph: an encoder, and what goes on from it."""

from tensorflow import keras
from tensorflow.keras import Input, Model, layers


def autoencoder(size, hidden):
    inputs = Input((size,))
    code = layers.Dense(hidden, activation="relu")(inputs)
    out = layers.Dense(size)(code)
    encoder = Model(inputs, code)
    return encoder, Model(inputs, out)


def two_parts(size, latent):
    inputs = Input((size,), name="encoder_input")
    h = layers.Dense(6, activation="relu")(inputs)
    mean = layers.Dense(latent)(h)
    spread = layers.Dense(latent)(h)
    encoder = Model(inputs, [mean, spread])
    code = Input((latent,))
    decoder = Model(code, layers.Dense(size)(code))
    outputs = decoder(mean + spread)
    whole = Model(inputs, outputs)
    return encoder, decoder, whole


class Net(keras.Model):
    def __init__(self, size, hidden):
        super().__init__()
        self.encoder, self.whole = autoencoder(size, hidden)
        self.first, self.second, self.both = two_parts(size, 3)

    def call(self, x):
        code = self.encoder(x)
        mean, _ = self.first(x)
        return code, self.whole(x), self.second(mean), self.both(x)
