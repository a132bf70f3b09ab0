"""What assigning an attribute means."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_variable_that_a_method_makes() -> None:
    check_compile(
        """
import tensorflow as tf


class Average(tf.Module):
    def __init__(self, decay):
        super().__init__()
        self.decay = decay
        self.hidden = None

    def update(self, value):
        self.initialize(value)
        self.hidden.assign_sub((self.hidden - value) * (1 - self.decay))

    def initialize(self, value):
        self.hidden = tf.Variable(tf.zeros_like(value), trainable=False)
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Average(nnx.Module):
    def __init__(self, decay):
        self.decay = decay
        self.hidden = nnx.data(None)

    def update(self, value):
        self.initialize(value)
        self.hidden.set_value(self.hidden[...] - (self.hidden[...] - value) * (1 - self.decay))

    def initialize(self, value):
        self.hidden = nnx.Variable(jnp.asarray(jnp.zeros_like(value)))
""",
    )
