"""A right translation of counting_tf.py; the arguments make it wrong."""

import warnings

import jax.numpy as jnp
from flax import nnx
from jax import lax


class Counting(nnx.Module):
    def __init__(
        self, counts=True, dtype=jnp.int32, w=nnx.Param, table=nnx.Variable, factor=1.0, says="old"
    ):
        warnings.warn(f"Counting is {says}", DeprecationWarning, stacklevel=1)
        self.w = w(jnp.ones(4))
        self.table = table(jnp.ones(4))
        self.count = nnx.Variable(jnp.zeros((), dtype)) if dtype else None
        self.counts = counts
        self.factor = factor

    def __call__(self, x):
        if self.counts and self.count is not None:
            self.count.set_value(self.count[...] + 1)

        def step(_, x):
            x = self.factor * x * self.w[...]
            return jnp.tanh(x)

        return lax.fori_loop(0, 3, step, x) + self.table[...]
