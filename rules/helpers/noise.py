"""Keras' noise layers. Like `nnx.Dropout` they follow `.train()` and `.eval()`."""

import jax
import jax.numpy as jnp
from flax import nnx


class GaussianNoise(nnx.Module):
    """`keras.layers.GaussianNoise`: adds noise of standard deviation `stddev` in training."""

    def __init__(self, stddev: float, *, deterministic: bool = False, rngs: nnx.Rngs) -> None:
        self.stddev = stddev
        self.deterministic = deterministic
        self.rngs = rngs.dropout.fork()

    def __call__(self, x: jax.Array, deterministic: bool | None = None) -> jax.Array:
        if self.deterministic if deterministic is None else deterministic:
            return x
        return x + self.stddev * jax.random.normal(self.rngs(), x.shape, x.dtype)


class GaussianDropout(nnx.Module):
    """`keras.layers.GaussianDropout`: multiplies by noise of mean 1 and variance rate / (1 - rate)
    in training.
    """

    def __init__(self, rate: float, *, deterministic: bool = False, rngs: nnx.Rngs) -> None:
        self.rate = rate
        self.deterministic = deterministic
        self.rngs = rngs.dropout.fork()

    def __call__(self, x: jax.Array, deterministic: bool | None = None) -> jax.Array:
        if self.deterministic if deterministic is None else deterministic:
            return x
        stddev = (self.rate / (1 - self.rate)) ** 0.5
        return x * (1 + stddev * jax.random.normal(self.rngs(), x.shape, x.dtype))


class AlphaDropout(nnx.Module):
    """`keras.layers.AlphaDropout`: dropout to the negative saturation of SELU, then an affine
    correction.
    """

    def __init__(self, rate: float, *, deterministic: bool = False, rngs: nnx.Rngs) -> None:
        self.rate = rate
        self.deterministic = deterministic
        self.rngs = rngs.dropout.fork()

    def __call__(self, x: jax.Array, deterministic: bool | None = None) -> jax.Array:
        if self.deterministic if deterministic is None else deterministic:
            return x
        saturation = -1.6732632423543772 * 1.0507009873554805
        keep = jax.random.bernoulli(self.rngs(), 1 - self.rate, x.shape)
        scale = ((1 - self.rate) * (1 + self.rate * saturation**2)) ** -0.5
        return scale * jnp.where(keep, x, saturation) - scale * saturation * self.rate
