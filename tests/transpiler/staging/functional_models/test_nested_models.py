"""Functional models that a function builds on the way to another one."""

from __future__ import annotations

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf
from tensorflow.keras import layers

"""


def test_a_shared_tower_becomes_a_module() -> None:
    check_compile(
        HEAD
        + """\

def siamese(size=8):
    a = layers.Input((size,))
    h = layers.Dense(16, activation="relu", kernel_initializer="lecun_normal")(a)
    tower = tf.keras.Model(a, h)
    left = layers.Input((size,))
    right = layers.Input((size,))
    return tf.keras.Model([left, right], layers.Subtract()([tower(left), tower(right)]))
""",
        """\
        from flax import nnx


        class Tower(nnx.Module):
            def __init__(self, size, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(size, 16, rngs=rngs)

            def __call__(self, a):
                h = nnx.relu(self.dense(a))
                return h


        class Siamese(nnx.Module):
            def __init__(self, size=8, *, rngs: nnx.Rngs):
                self.tower = Tower(size, rngs=rngs)

            def __call__(self, left, right):
                return self.tower(left) - self.tower(right)
        """,
    )


def test_a_model_kept_as_an_attribute_reads_the_object() -> None:
    file = check_compile(
        HEAD
        + """\

class Gan(tf.keras.Model):
    def __init__(self, latent=4):
        super().__init__()
        self.latent = latent
        noise = layers.Input((self.latent,))
        x = layers.Dense(8)(noise)
        self.generator = tf.keras.Model(noise, layers.Dense(3)(x))

    def call(self, z):
        return self.generator(z)
"""
    )
    assert "class Generator(nnx.Module):" in file.text
    assert "self.generator = Generator(self.latent, rngs=rngs)" in file.text


def test_variables_that_are_used_again_do_not_mix() -> None:
    file = check_compile(
        HEAD
        + """\

def autoencoder(size=16, code=2):
    inputs = layers.Input((size,))
    x = layers.Dense(8)(inputs)
    encoder = tf.keras.Model(inputs, layers.Dense(code)(x))
    latent = layers.Input((code,))
    x = layers.Dense(8)(latent)
    decoder = tf.keras.Model(latent, layers.Dense(size)(x))
    return tf.keras.Model(inputs, decoder(encoder(inputs)))
"""
    )
    assert "return self.decoder(self.encoder(inputs))" in file.text
    assert "def __init__(self, size, code, *, rngs: nnx.Rngs):" in file.text


def test_a_model_on_its_own_inputs_is_its_outputs() -> None:
    file = check_compile(
        HEAD
        + """\

def net(size=4):
    inputs = layers.Input((size,))
    h = layers.Dense(8)(inputs)
    trunk = tf.keras.Model(inputs, h)
    y = layers.Dense(2)(trunk(inputs))
    return tf.keras.Model(inputs, [y, h])
"""
    )
    assert "y = self.dense_1(h)" in file.text
