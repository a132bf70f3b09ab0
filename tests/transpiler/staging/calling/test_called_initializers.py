"""Initializers that are called get the key that those of JAX draw from."""

from tests.harness import check_compile

BEFORE = """\
import tensorflow as tf
from tensorflow import keras


def make(n):
    init = keras.initializers.GlorotUniform(seed=1)
    return init((n, 4))


class Net(tf.Module):
    def __init__(self, n):
        super().__init__()
        init = tf.initializers.RandomNormal(stddev=0.1)
        self.w = tf.Variable(init(shape=(n, 3), dtype=tf.float16))
        self.b = tf.Variable(tf.zeros_initializer()(shape=[3]))
        self.c = make(3)

    def __call__(self, x):
        return x @ self.w + self.b
"""
AFTER = """\
import jax.numpy as jnp
from flax import nnx


def make(n, *, rngs: nnx.Rngs):
    init = nnx.initializers.glorot_uniform()
    return init(rngs.params(), (n, 4))


class Net(nnx.Module):
    def __init__(self, n, *, rngs: nnx.Rngs):
        init = nnx.initializers.normal(stddev=0.1)
        self.w = nnx.Param(jnp.asarray(init(rngs.params(), (n, 3), jnp.float16)))
        self.b = nnx.Param(jnp.asarray(nnx.initializers.zeros(rngs.params(), [3])))
        self.c = make(3, rngs=rngs)

    def __call__(self, x):
        return x @ self.w[...] + self.b[...]
"""


def test_they_take_a_key_first() -> None:
    check_compile(BEFORE, AFTER)


def test_other_arguments_are_reported() -> None:
    text = "from tensorflow import keras\n\n\ndef make(n):\n"
    text += "    return keras.initializers.Ones()((n,), partition_shape=(1,))\n"
    check_compile(text, left=["TJ2003"])
