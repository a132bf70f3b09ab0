"""Writes a staged safetensors file as an Orbax checkpoint; a program of its own, as it needs JAX.

    python -m tfjax.transpiler.weights.to_orbax STAGED OUT

The tree is {"model": {...}} with the attributes of the NNX module as keys, as
`nnx.to_pure_dict(nnx.state(model))` has it, and {"optimizer": {...}} where there is such state.
"""
# pyright: basic

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orbax.checkpoint as ocp  # pyright: ignore[reportMissingImports]

from .convert import OPTIMIZER
from .safetensors_file import SafetensorsReader
from .tensor import numpy_dtype

AT_ONCE = 64 << 20
"""Bytes that are written at the same time, unless one array is larger."""


def main() -> None:
    staged, out = Path(sys.argv[1]), Path(sys.argv[2])
    logging.disable(logging.WARNING)
    reader = SafetensorsReader(staged)
    places = reader.places()
    tree: dict[str, Any] = {"model": {}}
    largest = 0
    for key, entry in reader.entries.items():
        # Mapped, not read: what is written first leaves memory again.
        array = np.empty(entry.shape, numpy_dtype(entry.dtype))
        if entry.nbytes:
            array = np.memmap(
                staged, numpy_dtype(entry.dtype), "r", places[key], entry.shape or (1,)
            ).reshape(entry.shape)
        _put(tree, key, np.asarray(array))
        largest = max(largest, entry.nbytes)
    limited = ocp.BasePyTreeCheckpointHandler(save_concurrent_bytes=max(AT_ONCE, largest + 1))
    handler = ocp.PyTreeCheckpointHandler(handler_impl=limited)
    with ocp.Checkpointer(handler) as checkpointer:
        checkpointer.save(out.absolute(), args=ocp.args.PyTreeSave(tree))


def _put(tree: dict[str, Any], key: str, array: Any) -> None:
    path = ["model", *key.split(".")]
    if key.startswith(OPTIMIZER):
        slot, _, name = key.removeprefix(OPTIMIZER).partition("/")
        path = ["optimizer", slot, *(name.split(".") if name else ())]
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = array


if __name__ == "__main__":
    main()
