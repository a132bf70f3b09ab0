"""Tensors of plain functions, which may be missing."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_tensor_that_may_be_missing() -> None:
    check_compile(
        """
import keras
from keras import ops


def merge(mask, other):
    if other is not None:
        other = ops.cast(other, "int32")
        if mask is None:
            return other
        return ops.minimum(mask, other)
    return mask


class Masked(keras.layers.Layer):
    def call(self, x, mask=None, other=None):
        merged = merge(mask, other)
        ones = ops.ones((3, 4), "int32")
        return x * (ops.minimum(merged, ones) if merged is not None else ones)
""",
        """\
import jax.numpy as jnp
from flax import nnx


def merge(mask, other):
    if other is not None:
        other = jnp.asarray(other, dtype=jnp.int32)
        if mask is None:
            return other
        return jnp.minimum(mask, other)
    return mask


class Masked(nnx.Module):
    def __call__(self, x, mask=None, other=None):
        merged = merge(mask, other)
        ones = jnp.ones((3, 4), dtype=jnp.int32)
        return x * (jnp.minimum(merged, ones) if merged is not None else ones)
""",
    )
