"""Sorted text tables that answer look-ups without being parsed.

A table file holds one record a line, `key<TAB>field<TAB>field...`, sorted by bytes. Reading it is
one `read()`; a look-up is a binary search over that buffer: only the line asked for is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class SortedTable:
    """One table file, read on first use."""

    __slots__ = ("_content", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: bytes | None = None

    @property
    def content(self) -> bytes:
        """The bytes of the file. Raises OSError when it is missing."""
        if self._content is None:
            self._content = self._path.read_bytes()
        return self._content

    def _lower_bound(self, key: bytes) -> int:
        """Offset of the first line that is not less than `key`."""
        content = self.content
        low, high = 0, len(content)
        while low < high:
            middle = (low + high) // 2
            start = max(content.rfind(b"\n", low, middle) + 1, low)
            end = content.find(b"\n", middle)
            if end < 0:
                end = len(content)
            if content[start:end] < key:
                low = min(end + 1, high)
            else:
                high = start
        return low

    def _line_at(self, offset: int) -> bytes:
        end = self.content.find(b"\n", offset)
        return self.content[offset : end if end >= 0 else len(self.content)]

    def find(self, key: str) -> list[str] | None:
        """The fields after `key`, or None when the table has no such key."""
        target = key.encode() + b"\t"
        line = self._line_at(self._lower_bound(target))
        return line[len(target) :].decode().split("\t") if line.startswith(target) else None

    def with_prefix(self, prefix: str) -> Iterator[tuple[str, list[str]]]:
        """Every (key, fields) whose key starts with `prefix`, in order."""
        start = prefix.encode()
        offset = self._lower_bound(start)
        while (line := self._line_at(offset)).startswith(start) and line:
            key, *fields = line.decode().split("\t")
            yield key, fields
            offset += len(line) + 1
