"""Loss objects: one loss a sample, weighed and reduced."""

from collections.abc import Callable
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
            losses = losses * _loss_weights(losses, sample_weight)
        return reduce_loss(losses, self.reduction)


class LossOf(Loss):
    """A loss of Keras, by the function that gives one loss a sample."""

    def __init__(
        self,
        function: Callable[[Any, Any], jax.Array],
        *,
        reduction: str | None = "sum_over_batch_size",
    ) -> None:
        super().__init__(reduction=reduction)
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> jax.Array:
        """A last axis of size 1 that only one side has is no difference."""
        y_pred = jnp.asarray(y_pred)
        y_true = jnp.asarray(y_true, y_pred.dtype)
        if y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        elif y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
            y_true = y_true[..., None]
        return self.function(y_true, y_pred)


class SparseLossOf(LossOf):
    """A loss whose labels are the numbers of classes."""

    def call(self, y_true: Any, y_pred: Any) -> jax.Array:
        y_true, y_pred = jnp.asarray(y_true).astype(jnp.int32), jnp.asarray(y_pred)
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        return self.function(y_true, y_pred)


def _loss_weights(losses: jax.Array, sample_weight: Any) -> jax.Array:
    """Weights that broadcast with the losses: one a sample, or one a loss."""
    weight = jnp.asarray(sample_weight, losses.dtype)
    if weight.ndim == losses.ndim + 1 and weight.shape[-1] == 1:
        return weight[..., 0]
    return weight[..., None] if 0 < weight.ndim == losses.ndim - 1 else weight
