"""Layers that callers make and pass, and what their configuration tells."""

from __future__ import annotations

from tests.harness import check_compile

SOURCE = """
from tensorflow import keras


class Decoder(keras.layers.Layer):
    def __init__(self, width, embed=None, **kwargs):
        super().__init__(**kwargs)
        self.embed = embed
        self.dense = keras.layers.Dense(width)

    def call(self, ids):
        return self.dense(self.embed(ids % self.embed.input_dim))


class Model(keras.Model):
    def __init__(self, width=8):
        super().__init__()
        self.shared = keras.layers.Embedding(20, width)
        self.decoder = Decoder(width, self.shared)
        self.bias = keras.layers.Dense(2)

    def exchange(self, value):
        self.bias = keras.layers.Dense(value.shape[-1])

    def call(self, ids):
        return self.bias(self.decoder(ids)) * self.bias.units
"""


def test_a_passed_layer_tells_its_sizes() -> None:
    text = check_compile(SOURCE, left=["TJ5004"]).text
    assert "self.dense=nnx.Linear(embed.features,width," in "".join(text.split())
    assert "self.dense(self.embed(ids % self.embed.num_embeddings))" in text


def test_a_layer_that_a_method_exchanges_stays_the_one_of_the_constructor() -> None:
    text = check_compile(SOURCE, left=["TJ5004"]).text
    assert "self.bias=nnx.Linear(width,2," in "".join(text.split())
    assert "return self.bias(self.decoder(ids)) * self.bias.out_features" in text
