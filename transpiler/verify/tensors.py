"""Arrays on disk as safetensors; complex and bfloat16 travel as plain ones. For the workers."""
# pyright: basic

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

_VIEWS = {"complex64": "float32", "complex128": "float64", "bfloat16": "uint16"}


def save_tensors(path: Path, arrays: Mapping[str, Any]) -> None:
    plain: dict[str, Any] = {}
    views: dict[str, list[Any]] = {}
    for key, value in arrays.items():
        array = np.asarray(value)
        if array.dtype.name in _VIEWS:
            views[key] = [array.dtype.name, list(array.shape)]
            array = np.ascontiguousarray(array).reshape(-1).view(_VIEWS[array.dtype.name])
        plain[key] = np.ascontiguousarray(array).reshape(array.shape)
    save_file(plain, str(path), metadata={"views": json.dumps(views)})


def load_tensors(path: Path) -> dict[str, Any]:
    with safe_open(str(path), framework="numpy") as f:
        views = json.loads((f.metadata() or {}).get("views", "{}"))
        arrays = {key: f.get_tensor(key) for key in f.keys()}  # noqa: SIM118
    for key, (name, shape) in views.items():
        dtype = np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)
        arrays[key] = arrays[key].view(dtype).reshape(shape)
    return arrays
