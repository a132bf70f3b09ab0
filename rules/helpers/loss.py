"""The base of losses of one's own."""

from typing import Any

import jax
import jax.numpy as jnp

from .losses import reduce_loss


class Loss:
    """`keras.losses.Loss`: reduces what `call` says of labels and predictions."""

    def __init__(
        self, *, name: str | None = None, reduction: str | None = "sum_over_batch_size"
    ) -> None:
        self.name, self.reduction = name, reduction

    def call(self, y_true: Any, y_pred: Any) -> jax.Array:
        raise NotImplementedError

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> jax.Array:
        losses = self.call(y_true, y_pred)
        if sample_weight is not None:
            losses = losses * jnp.asarray(sample_weight, losses.dtype)
        return reduce_loss(losses, self.reduction)
