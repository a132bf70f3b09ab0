"""Lines of the user's own files, found in Python frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Place = tuple[str, int]
"""File, relative to the folder that it is imported from, and line."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files below `roots`; `driver` is the module that calls the rest."""

    roots: tuple[str, ...]
    driver: str

    @classmethod
    def of(cls, paths: tuple[str, ...], driver: str) -> Files:
        return cls(tuple(f"{Path(p).resolve()}/" for p in paths), driver)

    def place(self, name: str, line: int) -> Place | None:
        """The place of a frame's file and line; None outside of the files."""
        root = next((r for r in self.roots if name.startswith(r)), None)
        return None if root is None else (name[len(root) :], line)

    def is_driver(self, place: Place) -> bool:
        return place[0] == f"{self.driver}.py"

    def innermost(self) -> Place | None:
        """The innermost of the present frames that lies in the files."""
        return next(self._frames(), None)

    def stack(self) -> tuple[Place, ...]:
        """The present frames that lie in the files, innermost first."""
        return tuple(self._frames())

    def _frames(self) -> Iterator[Place]:
        frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
        while frame is not None:
            place = self.place(frame.f_code.co_filename, frame.f_lineno)
            if place is not None:
                yield place
            frame = frame.f_back
