"""The wire format of protocol buffers, as far as checkpoints need it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .sstable import varint
from .tensor import CheckpointError

Fields = dict[int, list[int | bytes]]


def fields(data: int | bytes, place: str) -> Fields:
    """The fields of a message by number; `place` is for the error. Raises CheckpointError."""
    found: Fields = {}
    if isinstance(data, bytes):
        try:
            for index, value in _items(data):
                found.setdefault(index, []).append(value)
        except (IndexError, struct.error) as error:
            raise CheckpointError(f"{place}: damaged") from error
    return found


def number(record: Fields, index: int, default: int) -> int:
    """An integer field."""
    value = record.get(index, [default])[-1]
    return value if isinstance(value, int) else default


def _items(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(data):
        tag, place = varint(data, place)
        match tag & 7:
            case 0:
                value, place = varint(data, place)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, struct.unpack_from("<Q", data, place)[0]
                place += 8
            case 2:
                size, place = varint(data, place)
                yield tag >> 3, data[place : place + size]
                place += size
            case 5:
                yield tag >> 3, struct.unpack_from("<I", data, place)[0]
                place += 4
            case _:
                raise IndexError("no wire type")
