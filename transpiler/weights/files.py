"""Opens a checkpoint of any kind."""

from __future__ import annotations

import re
from pathlib import Path

from .hdf5 import Hdf5Reader, KerasArchiveReader
from .safetensors_file import SafetensorsReader
from .tensor import CheckpointError, Reader
from .tensor_bundle import BundleReader

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
_SHARD = re.compile(r"(.+)\.(?:index|data-\d{5}-of-\d{5})$")
_LATEST = re.compile(r'^model_checkpoint_path:\s*"(.*)"', re.MULTILINE)


def open_checkpoint(path: Path) -> Reader:
    """The reader for a file, a folder (SavedModel, or checkpoints) or the prefix of a TensorFlow
    checkpoint. Raises CheckpointError; the caller closes what is returned."""
    try:
        return _open(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(f"{path}: cannot be read: {reason}") from error


def _open(path: Path) -> Reader:
    prefix = bundle_prefix(path)
    if prefix is not None:
        return BundleReader(prefix)
    if not path.is_file():
        raise CheckpointError(f"{path}: does not exist")
    with path.open("rb") as file:
        magic = file.read(8)
    if magic == HDF5:
        return Hdf5Reader(path)
    if magic[:4] == ZIP:
        return KerasArchiveReader(path)
    if path.suffix in (".h5", ".hdf5", ".keras"):
        raise CheckpointError(f"{path}: damaged: not what its name says")
    return SafetensorsReader(path)


def bundle_prefix(path: Path) -> Path | None:
    """The prefix of the TensorFlow checkpoint that a path names. Raises CheckpointError for a
    folder without one."""
    if path.is_dir():
        return _in_folder(path)
    if path.with_name(path.name + ".index").is_file():
        return path
    found = _SHARD.match(path.name)
    return path.with_name(found.group(1)) if found is not None else None


def _in_folder(folder: Path) -> Path:
    if (folder / "saved_model.pb").is_file():
        return folder / "variables" / "variables"
    latest = folder / "checkpoint"
    if latest.is_file():
        named = _LATEST.search(latest.read_text("utf-8", "replace"))
        if named is not None:
            return folder / named.group(1)
    found = sorted(folder.glob("*.index"))
    if len(found) != 1:
        raise CheckpointError(f"{folder}: {len(found)} checkpoints; name the prefix of one")
    return found[0].with_suffix("")
