"""Keras' attention layers beyond `nnx.MultiHeadAttention`."""

import jax
import jax.numpy as jnp
from flax import nnx


def attention_mask(
    query: jax.Array, value: jax.Array, mask: jax.Array | None = None, causal: bool = True
) -> jax.Array | None:
    """The mask of `keras.layers.MultiHeadAttention` as (batch, 1, query, value): causal, and an explicit one."""
    if mask is not None:
        mask = mask.astype(bool)[..., None, :, :]
    if not causal:
        return mask
    lower = jnp.tril(jnp.ones((query.shape[1], value.shape[1]), bool))[None, None]
    return lower if mask is None else lower & mask


class AdditiveAttention(nnx.Module):
    """`keras.layers.AdditiveAttention` of [query, value] or [query, value, key]."""

    def __init__(self, features: int, *, use_scale: bool = True, rngs: nnx.Rngs) -> None:
        init = nnx.initializers.glorot_uniform()
        first = init(rngs.params(), (features, 1))[:, 0] if use_scale else None
        self.scale = None if first is None else nnx.Param(first)

    def __call__(self, inputs: list[jax.Array]) -> jax.Array:
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        scores = jnp.tanh(query[:, :, None] + key[:, None])
        if self.scale is not None:
            scores = scores * self.scale[...]
        return nnx.softmax(jnp.sum(scores, axis=-1)) @ value
