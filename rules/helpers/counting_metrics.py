"""Metrics of true and false, positive and negative predictions."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .metric import Sums


class Precision(Sums):
    """`keras.metrics.Precision`: the share of true ones among the positive predictions."""

    def __init__(self, thresholds: float | Sequence[float] | None = None) -> None:
        self.thresholds = 0.5 if thresholds is None else thresholds
        super().__init__(true=jnp.shape(self.thresholds), all=jnp.shape(self.thresholds))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        label, positive, weight = _counting_parts(y_true, y_pred, sample_weight, self.thresholds)
        counted = positive * weight
        self.add(true=jnp.sum(counted * label, axis=-1), all=jnp.sum(counted, axis=-1))

    def result(self) -> jax.Array:
        return _counting_ratio(self.sums["true"][...], self.sums["all"][...])


class Recall(Precision):
    """`keras.metrics.Recall`: the share of positive predictions among the true ones."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        label, positive, weight = _counting_parts(y_true, y_pred, sample_weight, self.thresholds)
        counted = jnp.broadcast_to(label * weight, positive.shape)
        self.add(true=jnp.sum(counted * positive, axis=-1), all=jnp.sum(counted, axis=-1))


class AUC(Sums):
    """`keras.metrics.AUC`: the area under a curve by trapezoids between even thresholds; for "PR"
    by the interpolation of Davis and Goadrich."""

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", from_logits: bool = False
    ) -> None:
        super().__init__(true=(num_thresholds,), false=(num_thresholds,))
        self.curve, self.from_logits = curve, from_logits

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = jnp.asarray(y_pred, jnp.float32)
        y_pred = jax.nn.sigmoid(y_pred) if self.from_logits else y_pred
        label, _, weight = _counting_parts(y_true, y_pred, sample_weight, 0.5)
        count = self.sums["true"].shape[0]
        bucket = jnp.ceil(jnp.clip(y_pred.reshape(-1), 0, 1) * (count - 1)).astype(jnp.int32) - 1
        # Positive at a threshold are the predictions in its bucket and those above.
        bucket = jnp.maximum(bucket, 0)
        in_bucket = jnp.zeros(count)
        true = in_bucket.at[bucket].add(label * weight)
        false = in_bucket.at[bucket].add((1 - label) * weight)
        self.add(true=jnp.cumsum(true[::-1])[::-1], false=jnp.cumsum(false[::-1])[::-1])

    def result(self) -> jax.Array:
        true, false = self.sums["true"][...], self.sums["false"][...]
        if self.curve == "ROC":
            x, y = _counting_ratio(false, false[0]), _counting_ratio(true, true[0])
            return jnp.sum((x[:-1] - x[1:]) * (y[:-1] + y[1:]) / 2)
        positive = true + false
        gained = true[:-1] - true[1:]
        slope = _counting_ratio(gained, jnp.maximum(positive[:-1] - positive[1:], 0))
        both = (positive[:-1] > 0) & (positive[1:] > 0)
        ratio = jnp.where(both, _counting_ratio(positive[:-1], positive[1:]), 1.0)
        area = slope * (gained + (true[1:] - slope * positive[1:]) * jnp.log(ratio))
        return jnp.sum(_counting_ratio(area, true[0]))


class MeanIoU(Sums):
    """`keras.metrics.MeanIoU`: the mean over classes of intersection over union."""

    def __init__(
        self,
        num_classes: int,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(matrix=(num_classes, num_classes))
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse = sparse_y_true, sparse_y_pred

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        pair = [
            (jnp.asarray(y) if sparse else jnp.argmax(jnp.asarray(y), axis=self.axis))
            for y, sparse in zip((y_true, y_pred), self.sparse, strict=True)
        ]
        label, guess = (y.reshape(-1).astype(jnp.int32) for y in pair)
        count = self.sums["matrix"].shape[0]
        weight = jnp.asarray(1.0 if sample_weight is None else sample_weight, jnp.float32)
        weight = jnp.broadcast_to(weight.reshape(-1) if weight.ndim > 1 else weight, label.shape)
        inside = (label >= 0) & (label < count) & (guess >= 0) & (guess < count)
        if self.ignore_class is not None:
            inside &= label != self.ignore_class
        weight = jnp.where(inside, weight, 0.0)
        self.add(matrix=jnp.zeros((count, count)).at[label, guess].add(weight))

    def result(self) -> jax.Array:
        matrix = self.sums["matrix"][...]
        hits = jnp.diagonal(matrix)
        union = matrix.sum(axis=0) + matrix.sum(axis=1) - hits
        return _counting_ratio(jnp.sum(_counting_ratio(hits, union)), jnp.sum(union != 0))


def _counting_parts(
    y_true: Any, y_pred: Any, sample_weight: Any, thresholds: Any
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Labels of 0 and 1, predictions above each threshold, and weights, all flat."""
    y_pred = jnp.asarray(y_pred, jnp.float32)
    weight = jnp.asarray(1.0 if sample_weight is None else sample_weight, jnp.float32)
    if weight.ndim == y_pred.ndim - 1:
        weight = weight[..., None]
    label = jnp.asarray(y_true).reshape(y_pred.shape).astype(bool).astype(jnp.float32)
    weight = jnp.broadcast_to(weight, y_pred.shape)
    positive = y_pred.reshape(-1) > jnp.asarray(thresholds)[..., None]
    return label.reshape(-1), positive.astype(jnp.float32), weight.reshape(-1)


def _counting_ratio(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.where(b == 0, 0.0, a / jnp.where(b == 0, 1.0, b))
