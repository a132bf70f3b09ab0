"""Strategies on one device do what TensorFlow does outside of every scope."""

from __future__ import annotations

import jax.numpy as jnp
import pytest
from tfjax.rules.helpers.strategy import InputContext, ReplicaContext, Strategy


def test_one_replica_runs_and_reduces() -> None:
    strategy = Strategy()
    with strategy.scope():
        result = strategy.run(lambda x, y: x + y, args=(1,), kwargs={"y": 2})
    assert result == 3 and strategy.num_replicas_in_sync == 1
    values = {"a": jnp.arange(4.0)}
    assert strategy.reduce("SUM", values, axis=None) is values
    assert strategy.reduce("MEAN", values, axis=0)["a"] == 1.5
    assert strategy.experimental_local_results(3) == (3,)
    assert strategy.distribute_datasets_from_function(lambda c: c.num_input_pipelines) == 1


def test_the_context_of_the_only_replica() -> None:
    context = ReplicaContext()
    assert context.all_reduce("SUM", 2) == 2
    assert context.merge_call(lambda strategy, x: (strategy.num_replicas_in_sync, x), (5,)) == (
        1,
        5,
    )


def test_a_batch_is_divided() -> None:
    assert InputContext(num_replicas_in_sync=4).get_per_replica_batch_size(8) == 2
    with pytest.raises(ValueError, match="no multiple"):
        InputContext(num_replicas_in_sync=3).get_per_replica_batch_size(8)
