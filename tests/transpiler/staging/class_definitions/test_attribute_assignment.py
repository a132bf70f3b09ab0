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


def test_what_a_call_puts_there_is_asked_for() -> None:
    text = check_compile(
        """\
        import tensorflow as tf


        class Smoother(tf.keras.layers.Layer):
            def __init__(self):
                super().__init__()
                self.previous = None

            def call(self, x):
                if self.previous is None:
                    self.previous = x
                out = 0.5 * x + 0.5 * self.previous
                self.previous = out
                return out
        """
    ).text
    assert "        self.previous = nnx.data(None)\n" in text
    assert "        if self.previous is None:\n            self.previous = x\n" in text
