"""Metrics that keep state, as Keras counts."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx


class Metric(nnx.Module):
    """`keras.metrics.Metric`: an update, the result so far, and a reset of all that is counted."""

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    def result(self) -> jax.Array:
        raise NotImplementedError

    def reset_state(self) -> None:
        for _, value in nnx.iter_graph(self):
            if isinstance(value, nnx.Variable):
                value[...] = jnp.zeros_like(value[...])

    def __call__(self, *args: Any, **kwargs: Any) -> jax.Array:
        self.update_state(*args, **kwargs)
        return self.result()


class Sums(Metric):
    """A metric that adds up; `shapes` are those of the sums, by name."""

    def __init__(self, **shapes: tuple[int, ...]) -> None:
        sums = {name: nnx.metrics.MetricState(jnp.zeros(shape)) for name, shape in shapes.items()}
        self.sums = nnx.Dict(sums)

    def add(self, **amounts: jax.Array) -> None:
        for name, amount in amounts.items():
            self.sums[name][...] += amount

    def reset_state(self) -> None:
        for total in self.sums.values():
            total[...] = jnp.zeros_like(total[...])


class Sum(Sums):
    """`keras.metrics.Sum`: the sum of all values, each times its weight."""

    def __init__(self) -> None:
        super().__init__(total=())

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None:
            values, sample_weight = _metric_weighted(values, sample_weight, jnp.sum)
            values = values * sample_weight
        self.add(total=jnp.sum(jnp.asarray(values, jnp.float32)))

    def result(self) -> jax.Array:
        return self.sums["total"][...]


class Mean(Sums):
    """`keras.metrics.Mean`: the mean over all rows of their means."""

    def __init__(self) -> None:
        super().__init__(total=(), count=())

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = jnp.asarray(values, jnp.float32)
        weight = jnp.ones_like(values)
        if sample_weight is not None:
            values, weight = _metric_weighted(values, sample_weight, jnp.mean)
        elements = math.prod(values.shape[1:])
        self.add(total=jnp.sum(values * weight) / elements, count=jnp.sum(weight) / elements)

    def result(self) -> jax.Array:
        total, count = self.sums["total"][...], self.sums["count"][...]
        return jnp.where(count == 0, 0.0, total / jnp.where(count == 0, 1.0, count))


class MeanOf(Mean):
    """The mean of a function of labels and predictions, as `keras.metrics.MeanMetricWrapper`."""

    def __init__(self, function: Callable[[Any, Any], jax.Array]) -> None:
        super().__init__()
        self.function = function

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = _metric_same_rank(jnp.asarray(y_true), jnp.asarray(y_pred))
        super().update_state(self.function(y_true, y_pred), sample_weight)


class RootMeanSquaredError(Mean):
    """`keras.metrics.RootMeanSquaredError`."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = _metric_same_rank(jnp.asarray(y_true), jnp.asarray(y_pred))
        super().update_state(jnp.square(y_pred - y_true), sample_weight)

    def result(self) -> jax.Array:
        return jnp.sqrt(super().result())


def _metric_same_rank(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A last axis of size 1 is no difference."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[..., None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[..., None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def _metric_weighted(
    values: Any, weight: Any, reduce: Callable[..., jax.Array]
) -> tuple[jax.Array, jax.Array]:
    """Values reduced to the rank of their weights, and weights of their shape."""
    values, weight = jnp.asarray(values, jnp.float32), jnp.asarray(weight, jnp.float32)
    values, weight = _metric_same_rank(values, weight)
    if values.ndim > weight.ndim:
        values = reduce(values, axis=tuple(range(weight.ndim, values.ndim)))
    return values, jnp.broadcast_to(weight, values.shape)
