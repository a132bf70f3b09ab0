"""HDF5 files of Keras: `.weights.h5`, what `.keras` archives hold, and the older layouts.

keras-h5    groups named after attributes, arrays as `.../vars/0`, `.../vars/1`; the optimizer's
            under `optimizer/vars`
legacy-h5   a group for each layer, listed in the attribute `layer_names`, with its arrays in
            `weight_names`; in files of whole models below `model_weights`, and the optimizer's in
            `optimizer_weights`
"""

from __future__ import annotations

import contextlib
import importlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .tensor import BYTES, CheckpointError, Entry, Kind, numpy_dtype

WEIGHTS = "model.weights.h5"
OPTIMIZER = "optimizer/vars/"
OLD_LAYERS = "_layer_checkpoint_dependencies/"
"""What TensorFlow 2.12 called the group `layers`."""


class Hdf5Reader:
    """Keys of the older layouts are `LAYER/WEIGHT NAME`, and `optimizer/vars/NAME`. Raises
    CheckpointError."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        h5py: Any = importlib.import_module("h5py")
        self.name = name or str(path)
        try:
            self.file: Any = h5py.File(path, "r")
        except OSError as error:
            raise CheckpointError(f"{self.name}: damaged or cut off: {error}") from error
        self.optimizer = ""
        self.names: dict[str, str] = {}
        """Key -> path in the file."""
        try:
            self.kind: Kind = self._read_layout()
            found = {key: self._entry(key, path) for key, path in self.names.items()}
        except (OSError, LookupError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            self.file.close()
            raise CheckpointError(f"{self.name}: damaged: {error}") from error
        except BaseException:
            self.file.close()
            raise
        self.entries = MappingProxyType(found)

    def _read_layout(self) -> Kind:
        group = self.file.get("model_weights", self.file)
        if attribute(group, "layer_names") or "layer_names" in group.attrs:
            self.names = dict(_legacy(group, "" if group is self.file else "model_weights/"))
            if "optimizer_weights" in self.file:
                weights = self.file["optimizer_weights"]
                for name in attribute(weights, "weight_names"):
                    self.names[f"{OPTIMIZER}{name}"] = f"optimizer_weights/{name}"
            self.optimizer = _class_of(self.file.attrs.get("training_config"))
            return "legacy-h5"
        for path in _datasets(self.file, ""):
            self.names[path.replace(OLD_LAYERS, "layers/")] = path
        if "optimizer/vars" in self.file:
            name = self.file["optimizer/vars"].attrs.get("name", "")
            self.optimizer = str(name).rstrip("_0123456789").replace("_", "")
        return "keras-h5"

    def _entry(self, key: str, path: str) -> Entry:
        data = self.file[path]
        stored = data.attrs.get("dtype")
        name = data.dtype.name if stored is None else _text(stored)
        if name not in BYTES:
            raise CheckpointError(f"{self.name}: `{key}` is no array of numbers ({data.dtype})")
        return Entry(key, tuple(int(n) for n in data.shape), name)

    def read(self, key: str) -> Any:
        import numpy as np

        entry = self.entries[key]
        try:
            array = np.asarray(self.file[self.names[key]][()])
            dtype = numpy_dtype(entry.dtype)
            return array if array.dtype == dtype else array.view(dtype)
        except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
            raise CheckpointError(f"{self.name}: `{key}` is damaged: {error}") from error

    def close(self) -> None:
        self.file.close()


class KerasArchiveReader(Hdf5Reader):
    """A `.keras` archive, whose weights are unpacked to a temporary file: that checks their
    checksum."""

    def __init__(self, path: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tfjax-weights-")
        place = Path(self._folder.name, WEIGHTS)
        try:
            config = _unpack(path, place)
            super().__init__(place, str(path))
        except BaseException:
            self._folder.cleanup()
            raise
        self.optimizer = _class_of(json.dumps(config.get("compile_config"))) or self.optimizer

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


def _unpack(path: Path, place: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            if WEIGHTS not in archive.namelist():
                raise CheckpointError(f"{path}: holds no {WEIGHTS}")
            config: dict[str, Any] = json.loads(archive.read("config.json"))
            with archive.open(WEIGHTS) as packed, place.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
            return config
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: damaged or cut off: {error}") from error


def _datasets(group: Any, prefix: str) -> Iterator[str]:
    """Paths of all arrays, numbers in their order."""
    for name in sorted(group, key=lambda n: (not n.isdigit(), int(n) if n.isdigit() else 0, n)):
        item = group[name]
        if hasattr(item, "keys"):
            yield from _datasets(item, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}"


def _legacy(group: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for layer in attribute(group, "layer_names"):
        for weight in attribute(group[layer], "weight_names"):
            yield f"{layer}/{weight}", f"{prefix}{layer}/{weight}"
    top = "top_level_model_weights"
    if top in group:
        for weight in attribute(group[top], "weight_names"):
            yield f"{top}/{weight}", f"{prefix}{top}/{weight}"


def attribute(group: Any, name: str) -> list[str]:
    """A list of names in an attribute, which is cut into numbered ones where it is long."""
    found = group.attrs.get(name)
    if found is not None:
        return [_text(n) for n in found]
    names: list[str] = []
    number = 0
    while f"{name}{number}" in group.attrs:
        names += [_text(n) for n in group.attrs[f"{name}{number}"]]
        number += 1
    return names


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _class_of(config: Any) -> str:
    """The class of the optimizer in a compile configuration, in lower case."""
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        given: dict[str, Any] = json.loads(_text(config))
        value: Any = given.get("optimizer") or given["optimizer_config"]
        name = value if isinstance(value, str) else value["class_name"]
        return str(name).rpartition(">")[2].lower()
    return ""
