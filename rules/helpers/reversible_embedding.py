"""Keras' embedding that also goes back from features to entries of its table."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import nnx


class ReversibleEmbedding(nnx.Embed):
    """`keras.layers.ReversibleEmbedding`: `attend` uses the table, or a matrix of its own unless
    `tie_weights`; `logit_soft_cap` bounds its result.
    """

    def __init__(
        self,
        num_embeddings: int,
        features: int,
        *,
        tie_weights: bool = True,
        logit_soft_cap: float | None = None,
        embedding_init: Callable[..., jax.Array] = nnx.initializers.zeros,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(num_embeddings, features, embedding_init=embedding_init, rngs=rngs)
        self.logit_soft_cap = logit_soft_cap
        if not tie_weights:
            shape = (features, num_embeddings)
            self.reverse_embedding = nnx.Param(embedding_init(rngs.params(), shape))
        else:
            self.reverse_embedding = nnx.data(None)

    def attend(self, query: jax.Array) -> jax.Array:
        if self.reverse_embedding is None:
            logits = super().attend(query)
        else:
            logits = query @ self.reverse_embedding[...]
        cap = self.logit_soft_cap
        return logits if cap is None else cap * jnp.tanh(logits / cap)
