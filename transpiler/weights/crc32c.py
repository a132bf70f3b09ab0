"""CRC-32C of large arrays, in numpy.

The bytes are cut into equal lanes whose checksums are computed side by side, eight bytes a step;
the lanes are then joined: appending n bytes to a message is a linear map of its checksum.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

POLYNOMIAL = 0x82F63B78
LANES = 4096
STEP = 8
MASK_DELTA = 0xA282EAD8


@cache
def _tables() -> Any:
    """Eight tables: checksum of one byte followed by k zero bytes, uint32[8, 256]."""
    first = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        first = np.where(first & 1, (first >> 1) ^ np.uint32(POLYNOMIAL), first >> 1)
    tables = [first]
    for _ in range(STEP - 1):
        last = tables[-1]
        tables.append(first[last & 0xFF] ^ (last >> np.uint32(8)))
    return np.stack(tables)


def crc32c(data: Any) -> int:
    """The checksum of bytes or of a uint8 array."""
    array = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    lane = array.size // (LANES * STEP) * STEP
    crc = 0xFFFFFFFF
    if lane:
        sums = _lanes(array[: lane * LANES].reshape(LANES, lane))
        shift = _shift_matrix(lane)
        for one in sums.tolist():
            crc = _times(shift, crc) ^ one
    return _plain(array[lane * LANES :].tobytes(), crc) ^ 0xFFFFFFFF


def _lanes(rows: Any) -> Any:
    """The raw checksum of each row, from 0."""
    tables = _tables()
    words = rows.view("<u4")
    crc = np.zeros(len(rows), np.uint32)
    for i in range(0, words.shape[1], 2):
        low = crc ^ words[:, i]
        high = words[:, i + 1]
        crc = (
            tables[7][low & 0xFF]
            ^ tables[6][(low >> 8) & 0xFF]
            ^ tables[5][(low >> 16) & 0xFF]
            ^ tables[4][low >> 24]
            ^ tables[3][high & 0xFF]
            ^ tables[2][(high >> 8) & 0xFF]
            ^ tables[1][(high >> 16) & 0xFF]
            ^ tables[0][high >> 24]
        )
    return crc


def _plain(data: bytes, crc: int) -> int:
    table = _byte_table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


@cache
def _byte_table() -> list[int]:
    return [int(n) for n in _tables()[0]]


def _times(matrix: tuple[int, ...], vector: int) -> int:
    """A matrix over GF(2), given by its columns, times a vector."""
    result = 0
    for column in matrix:
        if vector & 1:
            result ^= column
        vector >>= 1
    return result


def _shift_matrix(count: int) -> tuple[int, ...]:
    """What `count` zero bytes do to a checksum."""
    power = tuple(_plain(b"\0", 1 << bit) for bit in range(32))
    result = tuple(1 << bit for bit in range(32))
    while count:
        if count & 1:
            result = tuple(_times(power, column) for column in result)
        power = tuple(_times(power, column) for column in power)
        count >>= 1
    return result


def unmasked(stored: int) -> int:
    """The checksum that LevelDB's tables and tensor bundles store in a masked form."""
    rotated = (stored - MASK_DELTA) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF
