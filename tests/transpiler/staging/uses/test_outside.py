"""What the code around a module uses of it besides calling it."""

from __future__ import annotations

from tests.harness import check_compile

SOURCE = """
import tensorflow as tf
from tensorflow import keras


class Encoder(keras.layers.Layer):
    def __init__(self, vocabulary, width, **kwargs):
        super().__init__(**kwargs)
        self.embed = keras.layers.Embedding(vocabulary, width)
        self.dense = keras.layers.Dense(2 * width)

    def lookup(self, ids, training=None):
        return self.embed(ids)

    @property
    def table(self):
        return self.embed.weights[0]

    def call(self, ids):
        return self.dense(self.lookup(ids))


class Model(keras.Model):
    def __init__(self, size=5):
        super().__init__()
        self.encoder = Encoder(20, size)
        self.head = keras.layers.Dense(3)

    def call(self, ids, training=None):
        x = CODE
        return x + tf.reduce_sum(self.encoder(ids))
"""


def model_with(code: str) -> str:
    """The translated model, with one line in its call."""
    text = check_compile(SOURCE.replace("CODE", code)).text
    return text[text.index("class Model") :]


def test_a_method_tells_its_sizes_in_terms_of_the_caller() -> None:
    text = model_with("self.head(self.encoder.lookup(ids, training=training))")
    assert "x = self.head(self.encoder.lookup(ids))" in text
    assert "nnx.Linear(size,3," in "".join(text.split())


def test_a_layer_inside_tells_its_sizes_too() -> None:
    text = model_with("self.head(self.encoder.embed(ids))")
    assert "x = self.head(self.encoder.embed(ids))" in text
    assert "nnx.Linear(size,3," in "".join(text.split())


def test_a_property_is_what_it_reads() -> None:
    assert "x = jnp.matmul(ids, self.encoder.table)" in model_with(
        "tf.matmul(ids, self.encoder.table)"
    )


def test_the_weights_of_a_layer_are_its_variables() -> None:
    text = model_with("tf.matmul(ids, self.encoder.embed.weights)")
    assert "x = jnp.matmul(ids, jnp.stack([self.encoder.embed.embedding[...]]))" in text
