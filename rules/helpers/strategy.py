"""Distribution strategies on one device."""

import contextlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


class InputContext:
    """`tf.distribute.InputContext`: which part of the data a pipeline reads."""

    def __init__(
        self,
        num_input_pipelines: int = 1,
        input_pipeline_id: int = 0,
        num_replicas_in_sync: int = 1,
    ) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(f"{global_batch_size} is no multiple of {self.num_replicas_in_sync}")
        return global_batch_size // self.num_replicas_in_sync


class Strategy:
    """`tf.distribute.Strategy` with one replica, as TensorFlow has it outside of every scope: what
    it runs and reduces is what it is given. For more devices, shard with `jax.sharding`."""

    num_replicas_in_sync = 1

    def scope(self) -> Any:
        return contextlib.nullcontext(self)

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: str, value: Any, axis: int | None = None) -> Any:
        if axis is None:
            return value
        reduce = {"SUM": jnp.sum, "MEAN": jnp.mean}[reduce_op]
        return jax.tree.map(lambda x: reduce(x, axis=axis), value)

    def gather(self, value: Any, axis: int) -> Any:
        return value

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        return (value,)

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        return dataset

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: Any = None
    ) -> Any:
        return dataset_fn(InputContext())


class ReplicaContext:
    """`tf.distribute.ReplicaContext` of the only replica."""

    num_replicas_in_sync = 1
    replica_id_in_sync_group = 0
    strategy = Strategy()

    def all_reduce(self, reduce_op: str, value: Any, options: Any = None) -> Any:
        return value

    def all_gather(self, value: Any, axis: int, options: Any = None) -> Any:
        return value

    def merge_call(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        return fn(self.strategy, *args, **(kwargs or {}))
