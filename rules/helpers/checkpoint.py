"""Checkpoints of training loops."""

import os
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx


def _checkpoint_variables(objects: dict[str, Any]) -> Iterator[tuple[str, nnx.Variable]]:
    for name, value in objects.items():
        if isinstance(value, Checkpoint):
            inner = list(_checkpoint_variables(value.objects))
        else:
            inner = [
                ("/".join(str(part) for part in path), variable)
                for path, variable in nnx.iter_graph(value)
                if isinstance(variable, nnx.Variable)
            ]
        if not inner:
            raise TypeError(f"{name} has no variables to save: {type(value).__name__}")
        yield from ((f"{name}/{path}".rstrip("/"), variable) for path, variable in inner)


def _checkpoint_is_key(variable: nnx.Variable) -> bool:
    return jnp.issubdtype(variable.dtype, jax.dtypes.prng_key)


def latest_checkpoint(checkpoint_dir: str) -> str | None:
    """`tf.train.latest_checkpoint`: the path, without its ending, of the newest file."""
    if not os.path.isdir(checkpoint_dir):
        return None
    files = [f for f in os.listdir(checkpoint_dir) if f.endswith(".npz")]
    paths = [os.path.join(checkpoint_dir, f) for f in files]
    newest = max(paths, key=lambda p: (os.stat(p).st_mtime_ns, len(p), p), default=None)
    return None if newest is None else newest.removesuffix(".npz")


class Restored:
    """What `restore` tells: the variables that a checkpoint had no value for."""

    def __init__(self, missing: list[str], unused: list[str]) -> None:
        self.missing, self.unused = missing, unused

    def assert_existing_objects_matched(self) -> "Restored":
        assert not self.missing, f"not in the checkpoint: {self.missing}"
        return self

    def assert_consumed(self) -> "Restored":
        assert not self.unused, f"only in the checkpoint: {self.unused}"
        return self.assert_existing_objects_matched()

    def expect_partial(self) -> "Restored":
        return self


class Checkpoint:
    """`tf.train.Checkpoint` of modules, optimizers (`nnx.Optimizer`) and variables: their state in
    an `.npz` file. Checkpoints of TensorFlow are not read."""

    def __init__(self, root: Any = None, **objects: Any) -> None:
        self.objects = objects if root is None else {"root": root, **objects}
        self.save_counter = 0
        self.__dict__.update(objects)

    def write(self, file_prefix: str, options: Any = None) -> str:
        arrays: dict[str, Any] = {"save_counter": np.asarray(self.save_counter)}
        for name, variable in _checkpoint_variables(self.objects):
            value = variable[...]
            is_key = _checkpoint_is_key(variable)
            arrays[name] = np.asarray(jax.random.key_data(value) if is_key else value)
        os.makedirs(os.path.dirname(os.path.abspath(file_prefix)), exist_ok=True)
        np.savez(f"{file_prefix}.npz", **arrays)
        return file_prefix

    def save(self, file_prefix: str, options: Any = None) -> str:
        self.save_counter += 1
        return self.write(f"{file_prefix}-{self.save_counter}")

    def read(self, save_path: str, options: Any = None) -> Restored:
        if os.path.exists(f"{save_path}.index"):
            raise ValueError(f"{save_path} is a checkpoint of TensorFlow: convert its weights")
        missing: list[str] = []
        with np.load(f"{save_path}.npz") as arrays:
            unused = {*arrays.files} - {"save_counter"}
            for name, variable in _checkpoint_variables(self.objects):
                unused.discard(name)
                if name not in arrays.files:
                    missing.append(name)
                    continue
                value = jnp.asarray(arrays[name])
                is_key = _checkpoint_is_key(variable)
                variable.set_value(jax.random.wrap_key_data(value) if is_key else value)
            self.save_counter = int(arrays["save_counter"])
        return Restored(missing, sorted(unused))

    def restore(self, save_path: str | None, options: Any = None) -> Restored:
        """As `read`; None, where no checkpoint was found, restores nothing."""
        return self.read(save_path) if save_path else Restored([], [])


class CheckpointManager:
    """`tf.train.CheckpointManager`: numbered checkpoints in a folder, of which the last ones are
    kept."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: str,
        max_to_keep: int | None,
        *,
        checkpoint_name: str = "ckpt",
    ) -> None:
        self.checkpoint, self.directory = checkpoint, directory
        self.max_to_keep, self.checkpoint_name = max_to_keep, checkpoint_name

    @property
    def checkpoints(self) -> list[str]:
        """The paths of those that are there, the oldest first."""
        start = f"{self.checkpoint_name}-"
        files = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        numbers = [f.removeprefix(start).removesuffix(".npz") for f in files if f.startswith(start)]
        known = sorted(int(n) for n in numbers if n.isdigit())
        return [os.path.join(self.directory, f"{start}{n}") for n in known]

    @property
    def latest_checkpoint(self) -> str | None:
        return latest_checkpoint(self.directory)

    def save(self, checkpoint_number: Any = None, **_: Any) -> str:
        prefix = os.path.join(self.directory, self.checkpoint_name)
        if checkpoint_number is None:
            path = self.checkpoint.save(prefix)
        else:
            self.checkpoint.save_counter += 1
            path = self.checkpoint.write(f"{prefix}-{int(checkpoint_number)}")
        if self.max_to_keep:
            for old in self.checkpoints[: -self.max_to_keep]:
                os.remove(f"{old}.npz")
        return path

    def restore_or_initialize(self) -> str | None:
        path = self.latest_checkpoint
        self.checkpoint.restore(path)
        return path
