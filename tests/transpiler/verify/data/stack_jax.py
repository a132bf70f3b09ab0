"""A right translation of stack_tf.py."""

import jax
import jax.numpy as jnp
from flax import nnx


class Linear(nnx.Module):
    def __init__(self, rows, columns, *, rngs):
        self.w = nnx.Param(jax.random.normal(rngs.params(), (rows, columns)))
        self.b = nnx.Param(jnp.zeros((columns,)))

    def __call__(self, x):
        return x @ self.w + self.b


class Stack(nnx.Module):
    def __init__(self, *, rngs):
        self._layers = nnx.List([Linear(4, 3, rngs=rngs), Linear(3, 3, rngs=rngs)])
        self.outputs = Linear(3, 2, rngs=rngs)

    def __call__(self, x):
        for layer in self._layers:
            x = nnx.relu(layer(x))
        return self.outputs(x)
