"""Writes a staged safetensors file as an Orbax checkpoint; a program of its own, as it needs JAX.

    python -m tfjax.transpiler.weights.to_orbax STAGED OUT

The tree is {"model": {...}} with the attributes of the NNX module as keys, as
`nnx.to_pure_dict(nnx.state(model))` has it, {"optimizer": {...}} where there is such state, and
{"source": {...}} of variables that are no parameters of the translation.
"""
# pyright: basic

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orbax.checkpoint as ocp  # pyright: ignore[reportMissingImports]
from orbax.checkpoint.type_handlers import (  # pyright: ignore[reportMissingImports]
    NumpyHandler,
    register_type_handler,
)

from .convert import CARRIED, OPTIMIZER
from .safetensors_file import SafetensorsReader
from .tensor import numpy_dtype


class OneByOne(NumpyHandler):
    """Writes one array after another: the handler of Orbax copies all of them first."""

    def __init__(self) -> None:
        super().__init__(deepcopy_host_arrays=False)

    async def _background_serialize(self, values: Any, infos: Any, args: Any = None) -> None:
        for value, info, arg in zip(values, infos, args, strict=True):
            await super()._background_serialize([value], [info], [arg])


def main() -> None:
    staged, out = Path(sys.argv[1]), Path(sys.argv[2])
    logging.disable(logging.WARNING)
    reader = SafetensorsReader(staged)
    places = reader.places()
    tree: dict[str, Any] = {"model": {}}
    for key, entry in reader.entries.items():
        dtype = numpy_dtype(entry.dtype)
        array = np.empty(entry.shape, dtype)
        if entry.nbytes:
            # Mapped, not read: what has been written can leave memory again.
            mapped = np.memmap(staged, dtype, "r", places[key], (entry.size,))
            array = np.asarray(mapped.reshape(entry.shape))
        _put(tree, key, array)
    register_type_handler(np.ndarray, OneByOne(), override=True)
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        checkpointer.save(out.absolute(), args=ocp.args.PyTreeSave(tree))


def _put(tree: dict[str, Any], key: str, array: Any) -> None:
    path = ["model", *key.split(".")]
    if key.startswith(OPTIMIZER):
        slot, _, name = key.removeprefix(OPTIMIZER).partition("/")
        path = ["optimizer", slot, *(name.split(".") if name else ())]
    elif key.startswith(CARRIED):
        path = ["source", *key.removeprefix(CARRIED).split(".")]
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = array


if __name__ == "__main__":
    main()
