"""Checkpoints of training loops: what is written is what is read."""

from __future__ import annotations

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from tfjax.rules.helpers.checkpoint import Checkpoint, CheckpointManager, latest_checkpoint


class Net(nnx.Module):
    def __init__(self, rngs: nnx.Rngs) -> None:
        self.dense = nnx.Linear(2, 3, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)


def _trained(seed: int) -> tuple[Net, nnx.Optimizer[Net]]:
    model = Net(nnx.Rngs(seed))
    optimizer = nnx.Optimizer(model, optax.adam(0.1), wrt=nnx.Param)
    gradients = nnx.grad(lambda m: jnp.sum(m.dense(jnp.ones((1, 2))) ** 2))(model)
    optimizer.update(model, gradients)
    return model, optimizer


def test_modules_optimizers_and_variables_come_back(tmp_path: Path) -> None:
    model, optimizer = _trained(0)
    step = nnx.Variable(jnp.asarray(7))
    path = Checkpoint(model=model, optimizer=optimizer, step=step).save(str(tmp_path / "ckpt"))
    assert path == str(tmp_path / "ckpt-1") == latest_checkpoint(str(tmp_path))
    other, other_optimizer = _trained(1)
    other_step = nnx.Variable(jnp.asarray(0))
    checkpoint = Checkpoint(model=other, optimizer=other_optimizer, step=other_step)
    checkpoint.restore(path).assert_consumed()
    assert checkpoint.save_counter == 1
    for before, after in ((model, other), (optimizer, other_optimizer)):
        kept = nnx.to_pure_dict(nnx.state(before, nnx.Not(nnx.RngState)))
        read = nnx.to_pure_dict(nnx.state(after, nnx.Not(nnx.RngState)))
        np.testing.assert_equal(_arrays(read), _arrays(kept))
    assert other_step[...] == 7
    drawn = [m.dropout(jnp.ones((8, 8))) for m in (model, other)]
    np.testing.assert_array_equal(drawn[0], drawn[1])


def _arrays(tree: object) -> list[np.ndarray]:
    import jax

    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


def test_what_differs_is_told(tmp_path: Path) -> None:
    a, b = nnx.Variable(jnp.ones(2)), nnx.Variable(jnp.zeros(2))
    path = Checkpoint(a=a).write(str(tmp_path / "x"))
    status = Checkpoint(b=b).restore(path).expect_partial()
    with pytest.raises(AssertionError, match="not in the checkpoint"):
        status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match="only in the checkpoint"):
        status.assert_consumed()
    assert Checkpoint(b=b).restore(None).assert_consumed()


def test_what_has_no_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="optimizer has no variables"):
        Checkpoint(optimizer=optax.sgd(0.1)).write(str(tmp_path / "x"))


def test_a_manager_keeps_the_last_ones(tmp_path: Path) -> None:
    count = nnx.Variable(jnp.asarray(0))
    manager = CheckpointManager(Checkpoint(count=count), str(tmp_path / "runs"), max_to_keep=2)
    assert manager.restore_or_initialize() is None
    for number in range(1, 4):
        count.set_value(jnp.asarray(number))
        manager.save()
    assert [Path(p).name for p in manager.checkpoints] == ["ckpt-2", "ckpt-3"]
    count.set_value(jnp.asarray(0))
    assert manager.restore_or_initialize() == manager.latest_checkpoint
    assert count[...] == 3
    assert manager.save(checkpoint_number=10).endswith("ckpt-10")
