import math

import jax.numpy as jnp
import numpy as np
from flax import nnx

TABLE = np.array([0.1, 0.2, 0.3], np.float32)


class Casts(nnx.Module):
    def __init__(self, *, small=1e-8, rngs):
        self.dense = nnx.Linear(4, 3, rngs=rngs)
        self.factor = jnp.array(0.3)
        self.shift = nnx.Param(jnp.ones([3], jnp.float32))
        self.small = small

    def __call__(self, x):
        x = x.astype(jnp.float32) + jnp.arange(0, 4, dtype=jnp.float32) / 7.0
        y = self.dense(x) * self.factor * jnp.asarray(math.sqrt(3.0), jnp.float32) * TABLE
        gate = (y > 0.0).astype("float32") * 0.7
        return y * gate + self.shift[...] * jnp.sqrt(jnp.array(0.1)) + self.small


class Half(nnx.Module):
    def __init__(self, *, rngs):
        self.dense = nnx.Linear(4, 3, rngs=rngs)

    def __call__(self, x):
        y = self.dense(x)
        return (y > 0.0).astype(jnp.float16).astype(jnp.float32) + y


class Gelu(nnx.Module):
    def __init__(self, *, rngs):
        self.hidden = nnx.Linear(4, 16, rngs=rngs)
        self.dense = nnx.Linear(16, 3, rngs=rngs)

    def __call__(self, x):
        return nnx.softmax(self.dense(nnx.gelu(self.hidden(x), approximate=False)))
