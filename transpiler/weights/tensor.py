"""What all readers of checkpoints have in common."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal["keras-h5", "legacy-h5", "tensor-bundle", "safetensors"]

BYTES: Mapping[str, int] = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "uint16": 2,
    "int16": 2,
    "float16": 2,
    "bfloat16": 2,
    "uint32": 4,
    "int32": 4,
    "float32": 4,
    "uint64": 8,
    "int64": 8,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
"""Size of an element of every dtype that a checkpoint may hold."""


class CheckpointError(Exception):
    """A file is no checkpoint, or damaged; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One array of a checkpoint: its key, shape and dtype (a key of `BYTES`)."""

    key: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def nbytes(self) -> int:
        return self.size * BYTES[self.dtype]


class Reader(Protocol):
    """An open checkpoint. Arrays are read when they are asked for, one at a time.

    entries    in the order of the file where the format has one
    optimizer  the class of the optimizer whose state it holds, in lower case; empty if not known
    """

    @property
    def kind(self) -> Kind: ...

    @property
    def entries(self) -> Mapping[str, Entry]: ...

    @property
    def optimizer(self) -> str: ...

    def read(self, key: str) -> Any:
        """The array of a key, as numpy has it. Raises CheckpointError for damaged content."""
        ...

    def close(self) -> None: ...


def numpy_dtype(name: str) -> Any:
    """The numpy dtype of a name; bfloat16 and float8 come from ml_dtypes."""
    import numpy as np

    if name.startswith(("bfloat", "float8")):
        extended = importlib.import_module("ml_dtypes")
        return np.dtype(getattr(extended, name))
    return np.dtype(name)
