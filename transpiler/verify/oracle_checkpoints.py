"""What Keras and TensorFlow call the variables of a program in the files that they write.

Every variable is given values of its own; the program is saved in each format by the library
itself; which array of the file is which variable is told by its content.
"""
# pyright: basic

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ..weights.files import open_checkpoint
from ..weights.hdf5 import WEIGHTS, Hdf5Reader
from ..weights.layout import LARGEST_CONSTANT, layout_of
from ..weights.weight_map import Layout
from .codec import encode
from .oracle_tree import SourceTree, raw_variable
from .structure import Structure

UNORDERED = "_all_variables/"
"""Keras 3 writes a set of all variables into a SavedModel, beside lists in a fixed order."""
Print = tuple[tuple[int, ...], str]


def record(
    model: Any, tree: SourceTree, structure: Structure, folder: Path, *, keep: bool = False
) -> dict[str, Any]:
    """Keys, layouts and the order of trained variables, as `WeightMap` holds them. `keep`: the
    saved files stay, in a folder for each format."""
    roles = {v.id: v.role for v in structure.variables}
    paths = {v.id: v.path for v in structure.variables}
    initial = {
        paths[i]: value.tolist()
        for i, v in enumerate(tree.variables)
        if roles[i] == "other"
        and (value := np.asarray(raw_variable(v))).dtype.kind in "iub"
        and value.size <= LARGEST_CONSTANT
    }
    prints = _mark([(i, v) for i, v in enumerate(tree.variables) if roles[i] != "seed"], paths)
    keys: dict[str, dict[str, str]] = {}
    layouts: dict[str, Any] = {}
    others: dict[str, list[str]] = {}
    unsaved: dict[str, str] = {}
    for name, save in _SAVERS.items():
        place = folder / name
        place.mkdir()
        try:
            saved = save(model, place)
            found, others[name], layout = _read(saved, prints)
            if not found:
                raise ValueError("no variable of the program is in the file")
            keys[name] = found
            if layout is not None:
                layouts[name] = encode(layout)
        except Exception as error:  # what a library cannot save of a program is no fault of it
            unsaved[name] = f"{type(error).__name__}: {str(error).strip()[:200]}"
        finally:
            if not keep:
                shutil.rmtree(place, ignore_errors=True)
    names = {paths[i]: v.name.split(":")[0] for i, v in enumerate(tree.variables)}
    if len(set(names.values())) == len(names):
        keys["names"] = names
    by_id = {id(raw_variable(v)): paths[i] for i, v in enumerate(tree.variables)}
    trained = [by_id.get(id(raw_variable(v)), "") for v in _trainable(model)]
    found = {"keys": keys, "layouts": layouts, "trainable": trained, "initial": initial}
    return found | {"others": others, "unsaved": unsaved}


def _trainable(model: Any) -> list[Any]:
    found = getattr(model, "trainable_variables", ())
    return list(found) if isinstance(found, (list, tuple)) else []


def _mark(variables: list[tuple[int, Any]], paths: Mapping[int, str]) -> dict[Print, str]:
    """Gives every variable values that no other has; what is told apart, by content."""
    found: dict[Print, list[str]] = {}
    for i, variable in variables:
        raw = raw_variable(variable)
        rng = np.random.default_rng([i, 611])
        shape, dtype = tuple(raw.shape), raw.dtype.as_numpy_dtype
        if raw.dtype.is_floating:
            raw.assign(rng.uniform(0.25, 0.75, shape).astype(dtype))
        elif raw.dtype.is_integer:
            raw.assign(rng.integers(0, 100, shape).astype(dtype))
        found.setdefault(_print(raw.numpy()), []).append(paths[i])
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _print(array: Any) -> Print:
    data = np.ascontiguousarray(array)
    return tuple(data.shape), hashlib.sha256(data.tobytes()).hexdigest()


def _read(
    path: Path, prints: Mapping[Print, str]
) -> tuple[dict[str, str], list[str], Layout | None]:
    """Variable -> key, the keys of what is none, and the layout of an HDF5 file."""
    reader = open_checkpoint(path)
    try:
        found: dict[str, str] = {}
        for key in sorted(reader.entries, key=lambda k: k.startswith(UNORDERED)):
            name = prints.get(_print(reader.read(key)))
            if name is not None:
                found.setdefault(name, key)
        taken = set(found.values())
        others = [key for key in reader.entries if key not in taken]
        if not isinstance(reader, Hdf5Reader):
            return found, others, None
        texts: dict[str, str] = {}
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                members = [n for n in archive.namelist() if n != WEIGHTS]
                texts = {n: archive.read(n).decode("utf-8") for n in members}
        sources = {reader.names[key]: name for name, key in found.items()}
        return found, others, layout_of(reader.file, sources, texts)
    finally:
        reader.close()


def _save_weights(model: Any, folder: Path) -> Path:
    path = folder / "model.weights.h5"
    model.save_weights(str(path))
    return path


def _save_archive(model: Any, folder: Path) -> Path:
    path = folder / "model.keras"
    model.save(str(path))
    return path


def _save_legacy(model: Any, folder: Path) -> Path:
    """The whole model, where it can be; else its weights in the same layout."""
    import h5py

    path = folder / "model.h5"
    try:
        model.save(str(path))
    except Exception:  # a model that no configuration describes
        path = folder / "weights.h5"
        if _is_keras2(model):
            model.save_weights(str(path), save_format="h5")
        else:
            from keras.src.legacy.saving import legacy_h5_format

            with h5py.File(path, "w") as file:
                legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return path


def _is_keras2(model: Any) -> bool:
    return any(cls.__module__.startswith("tf_keras.") for cls in type(model).__mro__)


def _save_checkpoint(model: Any, folder: Path) -> Path:
    return Path(tf.train.Checkpoint(model).write(str(folder / "model")))


def _save_saved_model(model: Any, folder: Path) -> Path:
    if _is_keras2(model):
        model.save(str(folder), save_format="tf")
    elif hasattr(model, "export"):
        model.export(str(folder), verbose=False)
    else:
        tf.saved_model.save(model, os.fspath(folder))
    return folder


_SAVERS: dict[str, Callable[[Any, Path], Path]] = {
    "weights.h5": _save_weights,
    "keras": _save_archive,
    "h5": _save_legacy,
    "checkpoint": _save_checkpoint,
    "saved_model": _save_saved_model,
}
