"""Keras' PReLU, whose slopes have the shape of the features."""

from collections.abc import Callable

import jax
from flax import nnx


class PReLU(nnx.Module):
    """`keras.layers.PReLU`: max(x, 0) + alpha * min(x, 0); `shape` is that of alpha, 1 for shared
    axes.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        alpha_init: Callable[..., jax.Array] = nnx.initializers.zeros,
        *,
        rngs: nnx.Rngs,
    ) -> None:
        self.alpha = nnx.Param(alpha_init(rngs.params(), shape))

    def __call__(self, x: jax.Array) -> jax.Array:
        return nnx.relu(x) - self.alpha[...] * nnx.relu(-x)
