"""Checkpoints are read as they were written; what is cut off or damaged is refused."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tfjax.transpiler.weights.crc32c import crc32c
from tfjax.transpiler.weights.files import open_checkpoint
from tfjax.transpiler.weights.safetensors_file import write_safetensors
from tfjax.transpiler.weights.tensor import CheckpointError, Entry

DATA = Path(__file__).parent / "data"
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def arrays() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "a.kernel": rng.normal(size=(3, 5)).astype(np.float32),
        "b": np.arange(7, dtype=np.int64),
        "half": np.asarray([1.5, -2.25], ml_dtypes.bfloat16),
        "empty": np.zeros((0, 4), np.float32),
        "scalar": np.asarray(2.0, np.float32),
        "flag": np.asarray([True, False]),
    }


def written(path: Path) -> dict[str, Any]:
    given = arrays()
    entries = [Entry(k, v.shape, v.dtype.name) for k, v in given.items()]
    write_safetensors(path, entries, lambda e: given[e.key], {"program": "x"})
    return given


def test_safetensors_are_what_the_library_reads_and_writes(tmp_path: Path) -> None:
    given = written(tmp_path / "a.safetensors")
    found = load_file(tmp_path / "a.safetensors")
    assert set(found) == set(given)
    for key, value in given.items():
        assert (found[key].dtype, found[key].tobytes()) == (value.dtype, value.tobytes())
    save_file(given, tmp_path / "b.safetensors")
    reader = open_checkpoint(tmp_path / "b.safetensors")
    for key, value in given.items():
        array = reader.read(key)
        assert (array.dtype, array.shape, array.tobytes()) == (
            value.dtype,
            value.shape,
            value.tobytes(),
        )
    reader.close()


def test_every_cut_off_safetensors_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "a.safetensors")
    data = (tmp_path / "a.safetensors").read_bytes()
    for length in range(len(data)):
        path = tmp_path / "cut.safetensors"
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError):
            open_checkpoint(path)


@pytest.mark.parametrize(
    "header",
    [
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}},
        {"a": {"dtype": "F32", "shape": [2]}},
        {"__metadata__": 3, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}},
        [],
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, header: Any) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 8)
    with pytest.raises(CheckpointError):
        open_checkpoint(path)


def test_checksums() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    data = np.random.default_rng(1).integers(0, 256, 100_003, dtype=np.uint8)
    # Long arrays are cut into lanes, short ones are not: the two ways must agree.
    assert crc32c(data) != crc32c(data[:-1])
    lanes = np.resize(data, 4096 * 8 + 3)
    crc = 0xFFFFFFFF
    for byte in lanes.tolist():
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    assert crc32c(lanes) == crc ^ 0xFFFFFFFF


def test_a_tensor_bundle_is_read_without_tensorflow() -> None:
    reader = open_checkpoint(DATA / "small")
    entries = {k: (e.shape, e.dtype) for k, e in reader.entries.items()}
    assert entries == {
        f"net/kernel{VALUE}": ((2, 3), "float32"),
        f"net/bias{VALUE}": ((3,), "bfloat16"),
        f"net/parts/0{VALUE}": ((), "int64"),
    }
    kernel, bias = reader.read(f"net/kernel{VALUE}"), reader.read(f"net/bias{VALUE}")
    assert kernel.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert bias.astype(np.float32).tolist() == [1, 2.5, -3]
    reader.close()


def test_a_damaged_tensor_bundle_is_refused(tmp_path: Path) -> None:
    index, data = "small.index", "small.data-00000-of-00001"
    for name in (index, data):
        shutil.copy(DATA / name, tmp_path / name)
    whole = (tmp_path / index).read_bytes()
    for place in range(len(whole)):
        (tmp_path / index).write_bytes(whole[:place])
        with pytest.raises(CheckpointError):
            open_checkpoint(tmp_path / index)
    (tmp_path / index).write_bytes(whole)
    content = bytearray((tmp_path / data).read_bytes())
    content[5] ^= 1
    (tmp_path / data).write_bytes(content)
    reader = open_checkpoint(tmp_path / "small")
    with pytest.raises(CheckpointError, match="checksum"):
        for key in reader.entries:
            reader.read(key)
    (tmp_path / data).write_bytes(content[:10])
    with pytest.raises(CheckpointError, match="cut off"):
        open_checkpoint(tmp_path / "small")
    (tmp_path / data).unlink()
    with pytest.raises(CheckpointError, match="missing"):
        open_checkpoint(tmp_path / "small")


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    for name in ("a.h5", "a.keras", "a.safetensors", "a.bin"):
        (tmp_path / name).write_bytes(b"no checkpoint at all")
        with pytest.raises(CheckpointError):
            open_checkpoint(tmp_path / name)
    with pytest.raises(CheckpointError, match="does not exist"):
        open_checkpoint(tmp_path / "gone.h5")
    with pytest.raises(CheckpointError, match="0 checkpoints"):
        open_checkpoint(tmp_path)
