"""Attention masks."""

import jax
import jax.numpy as jnp


def attention_mask(
    query: jax.Array, value: jax.Array, mask: jax.Array | None = None, causal: bool = True
) -> jax.Array | None:
    """The mask of `keras.layers.MultiHeadAttention` as (batch, 1, query, value): causal, and an
    explicit one.
    """
    if mask is not None:
        mask = mask.astype(bool)[..., None, :, :]
    if not causal:
        return mask
    lower = jnp.tril(jnp.ones((query.shape[1], value.shape[1]), bool))[None, None]
    return lower if mask is None else lower & mask
