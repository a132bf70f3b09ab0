"""Attention masks."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx


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


class Attention(nnx.Module):
    """`keras.layers.Attention` with what it learns: a factor of the scores, a weight of their sum.

    Called with [query, value] or [query, value, key] of shapes (batch, length, features), and
    masks [of queries, of values] of shapes (batch, length).
    """

    def __init__(
        self,
        *,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        rngs: nnx.Rngs | None = None,
    ) -> None:
        self.scale = nnx.Param(jnp.ones(())) if use_scale else None
        concat = score_mode == "concat"
        self.concat_score_weight = nnx.Param(jnp.ones(())) if concat else None
        self.dropout = nnx.Dropout(dropout, rngs=rngs) if dropout else None

    def __call__(
        self,
        inputs: Sequence[jax.Array],
        mask: Sequence[jax.Array | None] | None = None,
        *,
        causal: bool = False,
        return_scores: bool = False,
        deterministic: bool | None = None,
    ) -> Any:
        query, key = inputs[0], inputs[-1]
        scale = 1.0 if self.scale is None else self.scale[...]
        if self.concat_score_weight is None:
            scores = query @ key.swapaxes(-1, -2) * scale
        else:
            sums = jnp.tanh(scale * (query[..., None, :] + key[..., None, :, :]))
            scores = self.concat_score_weight[...] * jnp.sum(sums, axis=-1)
        weights = _attention_weights(scores, mask, causal)
        if self.dropout is not None:
            weights = self.dropout(weights, deterministic=deterministic)
        output = _attention_output(weights, inputs[1], mask)
        return (output, weights) if return_scores else output


class AdditiveAttention(nnx.Module):
    """`keras.layers.AdditiveAttention`: scores are sums of scale * tanh(query + key)."""

    def __init__(
        self,
        features: int,
        *,
        use_scale: bool = True,
        dropout: float = 0.0,
        rngs: nnx.Rngs,
    ) -> None:
        # Keras draws a vector uniformly, as if it were a square kernel.
        limit = math.sqrt(3.0 / features)
        drawn = jax.random.uniform(rngs.params(), (features,), minval=-limit, maxval=limit)
        self.scale = nnx.Param(drawn) if use_scale else None
        self.dropout = nnx.Dropout(dropout, rngs=rngs) if dropout else None

    def __call__(
        self,
        inputs: Sequence[jax.Array],
        mask: Sequence[jax.Array | None] | None = None,
        *,
        causal: bool = False,
        return_scores: bool = False,
        deterministic: bool | None = None,
    ) -> Any:
        query, key = inputs[0], inputs[-1]
        scale = 1.0 if self.scale is None else self.scale[...]
        sums = jnp.tanh(query[..., None, :] + key[..., None, :, :])
        weights = _attention_weights(jnp.sum(scale * sums, axis=-1), mask, causal)
        if self.dropout is not None:
            weights = self.dropout(weights, deterministic=deterministic)
        output = _attention_output(weights, inputs[1], mask)
        return (output, weights) if return_scores else output


def attention(
    inputs: Sequence[jax.Array],
    mask: Sequence[jax.Array | None] | None = None,
    *,
    causal: bool = False,
    return_scores: bool = False,
) -> Any:
    """Dot-product attention of [query, value] or [query, value, key], without scaling; `mask` is
    [of queries, of values].
    """
    weights = _attention_weights(inputs[0] @ inputs[-1].swapaxes(-1, -2), mask, causal)
    output = _attention_output(weights, inputs[1], mask)
    return (output, weights) if return_scores else output


def _attention_weights(
    scores: jax.Array, mask: Sequence[jax.Array | None] | None, causal: bool
) -> jax.Array:
    """Softmax over the values that are neither masked nor later than the query."""
    kept = None if mask is None or mask[1] is None else mask[1].astype(bool)[..., None, :]
    if causal:
        lower = jnp.tril(jnp.ones(scores.shape[-2:], bool))
        kept = lower if kept is None else kept & lower
    if kept is not None:
        low = 65504.0 if scores.dtype == jnp.float16 else 1e9
        scores = jnp.where(kept, scores, scores - low)
    return jax.nn.softmax(scores, axis=-1)


def _attention_output(
    weights: jax.Array, value: jax.Array, mask: Sequence[jax.Array | None] | None
) -> jax.Array:
    """Weighted values; those of masked queries are 0."""
    output = weights @ value
    if mask is None or mask[0] is None:
        return output
    return jnp.where(mask[0].astype(bool)[..., None], output, 0)
