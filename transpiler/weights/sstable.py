"""LevelDB's sorted tables, as TensorFlow writes the index of a checkpoint.

https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .crc32c import crc32c, unmasked
from .tensor import CheckpointError

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
TRAILER = 5
PLAIN = 0


def table_items(data: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values in order. Raises CheckpointError."""
    if len(data) < FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise CheckpointError(f"{name}: no index of a TensorFlow checkpoint, or cut off")
    try:
        place = len(data) - FOOTER
        _, place = _handle(data, place)
        index, _ = _handle(data, place)
        for _, handle in _block(data, *index, name):
            (start, size), _ = _handle(handle, 0)
            yield from _block(data, start, size, name)
    except (IndexError, struct.error) as error:
        raise CheckpointError(f"{name}: damaged") from error


def _block(data: bytes, start: int, size: int, name: str) -> Iterator[tuple[bytes, bytes]]:
    block, trailer = data[start : start + size], data[start + size : start + size + TRAILER]
    if len(block) != size or len(trailer) != TRAILER:
        raise CheckpointError(f"{name}: cut off")
    if unmasked(struct.unpack("<I", trailer[1:])[0]) != crc32c(block + trailer[:1]):
        raise CheckpointError(f"{name}: damaged: a checksum differs")
    if trailer[0] != PLAIN:
        raise CheckpointError(f"{name}: compressed, which TensorFlow does not write")
    restarts = struct.unpack("<I", block[-4:])[0]
    end = size - 4 * (restarts + 1)
    place, key = 0, b""
    while place < end:
        shared, place = varint(block, place)
        own, place = varint(block, place)
        length, place = varint(block, place)
        key = key[:shared] + block[place : place + own]
        place += own
        yield key, block[place : place + length]
        place += length


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    offset, place = varint(data, place)
    size, place = varint(data, place)
    return (offset, size), place


def varint(data: bytes, place: int) -> tuple[int, int]:
    """A number in base 128, low digits first, and the place after it. Raises IndexError."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise IndexError("a number is too long")
