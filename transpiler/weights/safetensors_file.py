"""safetensors, read and written tensor by tensor.

    8 bytes: length of the header (little endian)    header: JSON    the arrays, one after another

The library writes a file from arrays that are all in memory; this writer needs one at a time.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from .tensor import CheckpointError, Entry, Kind, numpy_dtype

DTYPES: Mapping[str, str] = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "uint16": "U16",
    "int16": "I16",
    "float16": "F16",
    "bfloat16": "BF16",
    "uint32": "U32",
    "int32": "I32",
    "float32": "F32",
    "uint64": "U64",
    "int64": "I64",
    "float64": "F64",
    "complex64": "C64",
}
NAMES = {short: name for name, short in DTYPES.items()}
LONGEST_HEADER = 100_000_000
ALIGNMENT = 8


class SafetensorsReader:
    """Raises CheckpointError for a file that is cut off or whose header is wrong."""

    kind: Kind = "safetensors"
    optimizer = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self._start, header = _header(self._file.read, path)
            self.metadata = _metadata(header.pop("__metadata__", {}), path)
            size = path.stat().st_size - self._start
            self._places = {key: _place(key, item, size, path) for key, item in header.items()}
            _check_cover([p[1:] for p in self._places.values()], size, path)
        except BaseException:
            self._file.close()
            raise
        ordered = sorted(self._places.items(), key=lambda item: (item[1][1], item[0]))
        self.entries = MappingProxyType({key: place[0] for key, place in ordered})

    def read(self, key: str) -> Any:
        import numpy as np

        entry, begin, _ = self._places[key]
        array: Any = np.empty(entry.nbytes, np.uint8)
        self._file.seek(self._start + begin)
        if self._file.readinto(memoryview(array)) != entry.nbytes:
            raise CheckpointError(f"{self.path}: `{key}` is cut off")
        return array.view(numpy_dtype(entry.dtype)).reshape(entry.shape)

    def places(self) -> dict[str, int]:
        """Where in the file each array begins."""
        return {key: self._start + begin for key, (_, begin, _) in self._places.items()}

    def close(self) -> None:
        self._file.close()


def _header(read: Callable[[int], bytes], path: Path) -> tuple[int, dict[str, Any]]:
    lead = read(8)
    length = struct.unpack("<Q", lead)[0] if len(lead) == 8 else LONGEST_HEADER + 1
    if length > LONGEST_HEADER:
        raise CheckpointError(f"{path}: no safetensors file")
    text = read(length)
    if len(text) != length:
        raise CheckpointError(f"{path}: the header is cut off")
    try:
        header: Any = json.loads(text, object_pairs_hook=_no_duplicates)
    except ValueError as error:
        raise CheckpointError(f"{path}: the header is damaged: {error}") from error
    if not isinstance(header, dict):
        raise CheckpointError(f"{path}: the header is damaged: no mapping")
    return 8 + length, cast("dict[str, Any]", header)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _metadata(value: Any, path: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: the header is damaged: metadata")
    return {str(k): str(v) for k, v in cast("dict[Any, Any]", value).items()}


def _place(key: str, item: Any, size: int, path: Path) -> tuple[Entry, int, int]:
    try:
        shape = tuple(int(n) for n in item["shape"])
        entry = Entry(key, shape, NAMES[item["dtype"]])
        begin, end = (int(n) for n in item["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: the header is damaged at `{key}`") from error
    if min((0, *shape)) < 0 or end - begin != entry.nbytes or begin < 0:
        raise CheckpointError(f"{path}: the header is damaged at `{key}`")
    if end > size:
        raise CheckpointError(f"{path}: cut off: `{key}` ends at byte {end} of {size}")
    return entry, begin, end


def _check_cover(places: Sequence[tuple[int, int]], size: int, path: Path) -> None:
    """Arrays lie side by side, to the end of the file."""
    last = 0
    for begin, end in sorted(places):
        if begin != last:
            raise CheckpointError(f"{path}: the arrays overlap or leave a gap")
        last = end
    if last != size:
        raise CheckpointError(f"{path}: {size - last} bytes belong to no array")


def write_safetensors(
    path: Path,
    entries: Sequence[Entry],
    read: Callable[[Entry], Any],
    metadata: Mapping[str, str],
) -> None:
    """Writes the arrays that `read` gives, in their order, one at a time. Raises CheckpointError
    for a dtype that the format has not."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    offset = 0
    for entry in entries:
        if entry.dtype not in DTYPES:
            raise CheckpointError(f"`{entry.key}`: safetensors has no {entry.dtype}")
        end = offset + entry.nbytes
        header[entry.key] = {
            "dtype": DTYPES[entry.dtype],
            "shape": list(entry.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for entry in entries:
            file.write(bytes_of(read(entry)))


def bytes_of(array: Any) -> memoryview:
    """The bytes of an array in C order, without a copy where it lies so."""
    import numpy as np

    plain: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return memoryview(plain)
