"""A right translation of random_tf.py; a wrong rate or stddev changes what comes out."""

import jax
import jax.numpy as jnp
from flax import nnx


class GaussianNoise(nnx.Module):
    def __init__(self, stddev, *, rngs):
        self.stddev = stddev
        self.rngs = rngs.dropout.fork()

    def __call__(self, x):
        return x + self.stddev * jax.random.normal(self.rngs(), x.shape, x.dtype)


class Dropped(nnx.Module):
    def __init__(self, rate=0.5, stddev=0.5, *, rngs):
        self.weight = nnx.Param(jnp.ones([8, 4]))
        self.noise = GaussianNoise(stddev, rngs=rngs)
        self.drop = nnx.Dropout(0.25, rngs=rngs)
        self.rate = rate
        self.rngs = rngs

    def __call__(self, x):
        keep = jax.random.bernoulli(self.rngs.dropout(), 1 - self.rate, x.shape)
        x = self.noise(jnp.where(keep, x / (1 - self.rate), 0.0))
        return self.drop(x @ self.weight[...])


class Sampled(nnx.Module):
    def __init__(self, half=0.5, *, rngs):
        self.mean = nnx.Param(jnp.ones([8, 4]))
        self.spread = nnx.Param(jnp.ones([8, 4]))
        self.half = half
        self.rngs = rngs

    def __call__(self, x):
        mean, spread = x @ self.mean[...], x @ self.spread[...]
        z = mean + jnp.exp(self.half * spread) * jax.random.normal(self.rngs.noise(), mean.shape)
        z += jax.random.uniform(self.rngs.noise(), (4,), minval=-1.0, maxval=3.0) + jnp.ones((4,))
        return z * (0.5 * jax.random.truncated_normal(self.rngs.noise(), -2.0, 2.0, (4,)))
