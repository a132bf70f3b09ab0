"""Keras' Normalization with a mean and variance that are computed ahead of training."""

import jax
import jax.numpy as jnp
from flax import nnx


class Normalization(nnx.Module):
    """`keras.layers.Normalization`: (x - mean) / sqrt(variance), or the inverse of that.

    One mean and variance for each of `num_features` on the last axis, or one for all (None). They
    are 0 and 1 until the data's own are set.
    """

    def __init__(self, num_features: int | None, invert: bool = False) -> None:
        shape = () if num_features is None else (num_features,)
        self.mean = nnx.BatchStat(jnp.zeros(shape))
        self.variance = nnx.BatchStat(jnp.ones(shape))
        self.invert = invert

    def __call__(self, x: jax.Array) -> jax.Array:
        scale = jnp.maximum(jnp.sqrt(self.variance[...]), 1e-7)
        if self.invert:
            return self.mean[...] + x * scale
        return (x - self.mean[...]) / scale
