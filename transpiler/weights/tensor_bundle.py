"""TensorFlow's checkpoints (tensor bundles), read without TensorFlow.

PREFIX.index is a table of keys and `BundleEntryProto`s (tensorflow/core/protobuf/tensor_bundle.
proto); PREFIX.data-00000-of-00001 holds the arrays. SavedModels keep one under `variables/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .crc32c import crc32c, unmasked
from .object_graph import KEY, Node, parse_graph
from .sstable import table_items, varint
from .tensor import CheckpointError, Entry, Kind, numpy_dtype
from .wire import Fields, fields, number

# tensorflow/core/framework/types.proto
DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    8: "complex64",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    22: "uint32",
    23: "uint64",
    24: "float8_e5m2",
    25: "float8_e4m3fn",
}
STRING = 7


@dataclass(frozen=True, slots=True)
class _Place:
    entry: Entry
    shard: int
    offset: int
    checksum: int


class BundleReader:
    """Strings (the object graph, metadata of Keras) are no weights and are left out. Raises
    CheckpointError, also where content differs from its checksum."""

    kind: Kind = "tensor-bundle"

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        index = prefix.with_name(prefix.name + ".index")
        self._places: dict[str, _Place] = {}
        self._files: dict[int, BufferedReader] = {}
        self.shards = 1
        graph: Fields | None = None
        for key, value in table_items(index.read_bytes(), str(index)):
            record = fields(value, str(index))
            if not key:
                self.shards = number(record, 1, 1)
                if number(record, 2, 0) != 0:
                    raise CheckpointError(f"{index}: written on a big-endian machine")
            elif number(record, 1, 0) != STRING:
                name = key.decode("utf-8", "replace")
                self._places[name] = _place(name, record, str(index))
            elif key == KEY.encode():
                graph = record
        self._check_sizes()
        self.graph: list[Node] = self._graph(graph) if graph is not None else []
        self.optimizer = next(
            (n.name.split("/")[0] for n in self.graph if n.key.startswith("optimizer/_iter")), ""
        )
        self.entries = MappingProxyType({k: p.entry for k, p in self._places.items()})

    def _graph(self, record: Fields) -> list[Node]:
        """The object graph: one string, after its length and a checksum of that."""
        path = self._path(number(record, 3, 0))
        with path.open("rb") as file:
            file.seek(number(record, 4, 0))
            data = file.read(number(record, 5, 0))
        try:
            length, place = varint(data, 0)
        except IndexError as error:
            raise CheckpointError(f"{path}: `{KEY}` is cut off") from error
        text = data[place + 4 : place + 4 + length]
        if len(text) != length:
            raise CheckpointError(f"{path}: `{KEY}` is cut off")
        return parse_graph(text, str(path))

    def _path(self, shard: int) -> Path:
        name = f"{self.prefix.name}.data-{shard:05d}-of-{self.shards:05d}"
        return self.prefix.with_name(name)

    def _check_sizes(self) -> None:
        for place in self._places.values():
            path = self._path(place.shard)
            size = path.stat().st_size if path.is_file() else -1
            if size < 0:
                raise CheckpointError(f"{path}: missing")
            end = place.offset + place.entry.nbytes
            if end > size:
                key = place.entry.key
                raise CheckpointError(f"{path}: cut off: `{key}` ends at byte {end} of {size}")

    def read(self, key: str) -> Any:
        import numpy as np

        place = self._places[key]
        if place.shard not in self._files:
            self._files[place.shard] = self._path(place.shard).open("rb")
        file = self._files[place.shard]
        array: Any = np.empty(place.entry.nbytes, np.uint8)
        file.seek(place.offset)
        if file.readinto(memoryview(array)) != array.size:
            raise CheckpointError(f"{self._path(place.shard)}: `{key}` is cut off")
        if crc32c(array) != unmasked(place.checksum):
            text = f"`{key}` is damaged: its checksum differs"
            raise CheckpointError(f"{self._path(place.shard)}: {text}")
        return array.view(numpy_dtype(place.entry.dtype)).reshape(place.entry.shape)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _place(key: str, record: Fields, name: str) -> _Place:
    dtype = number(record, 1, 0)
    if dtype not in DTYPES:
        raise CheckpointError(f"{name}: `{key}` has dtype number {dtype}, which is no plain array")
    if 7 in record:
        raise CheckpointError(f"{name}: `{key}` is cut into slices (a partitioned variable)")
    shape = tuple(
        number(fields(dim, name), 1, 0)
        for part in record.get(2, [])
        for dim in fields(part, name).get(2, [])
    )
    entry = Entry(key, shape, DTYPES[dtype])
    if number(record, 5, 0) != entry.nbytes:
        raise CheckpointError(f"{name}: damaged at `{key}`: size and shape differ")
    return _Place(entry, number(record, 3, 0), number(record, 4, 0), number(record, 6, 0))
