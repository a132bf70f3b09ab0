"""Objects of nested structure that are compared and sorted over and over."""

from __future__ import annotations

from collections.abc import Hashable


class Kept:
    """Keeps the text of an object by which sizes are sorted, and its hash: both go deep."""

    __slots__ = ("_hash", "_text")
    _hash: int
    _text: str

    def __repr__(self) -> str:
        try:
            return self._text
        except AttributeError:
            object.__setattr__(self, "_text", self._shown())
            return self._text

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            object.__setattr__(self, "_hash", hash(self._compared()))
            return self._hash

    def _shown(self) -> str:
        raise NotImplementedError

    def _compared(self) -> tuple[Hashable, ...]:
        raise NotImplementedError
