"""A right translation of mlp_tf.py; the options break it in the ways translators do."""

import jax
import jax.numpy as jnp
from flax import nnx


class Mlp(nnx.Module):
    def __init__(
        self,
        *,
        rngs,
        epsilon=1e-3,
        approximate=False,
        last=nnx.softmax,
        transposed=False,
        detached=False,
        classes=4,
        spare=False,
        width=16,
    ):
        self.hidden = nnx.Linear(8, 16, rngs=rngs)
        self.norm = nnx.LayerNorm(16, epsilon=epsilon, use_fast_variance=False, rngs=rngs)
        self.between = nnx.Linear(16, 16, rngs=rngs)
        self.again = nnx.Linear(16, width, rngs=rngs)
        self.classify = nnx.Linear(16, classes, rngs=rngs)
        self.spare = nnx.Linear(3, 5, rngs=rngs) if spare else None
        self.approximate = approximate
        self.transposed = transposed
        self.detached = detached
        self.last = last

    def __call__(self, x):
        x = self.norm(nnx.relu(self.hidden(x)))
        if self.transposed:
            x = x @ self.between.kernel[...].T + self.between.bias[...]
        else:
            x = self.between(x)
        if self.detached:
            x = jax.lax.stop_gradient(x)
        x = jax.nn.gelu(self.again(x), approximate=self.approximate)
        return self.last(self.classify(x))


def mlp(*, rngs, **options):
    return Mlp(rngs=rngs, **options)


def twice(x):
    return {"probabilities": x, "sum": jnp.sum(x)}
