"""Writes that can be taken back, and what branches leave behind brought together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

Cell = dict[Any, Any]
Changes = dict[tuple[int, Any], tuple[Cell, Any]]
MISSING: Any = object()


class Trail:
    """A log of the old content of cells.

    `shared` are the cells that modules hold, `frames` those of them that are variables of modules;
    `version` goes up when one changes, and what is put into them is `pending` until it is followed.
    `clock` tells when literals are read.
    """

    def __init__(self) -> None:
        self._log: list[tuple[Cell, Any, Any]] = []
        self.shared: dict[int, Cell] = {}
        self.frames: set[int] = set()
        self.version = 0
        self.pending: list[Any] = []
        self.clock = [0]

    def write(self, cell: Cell, key: Any, value: Any) -> None:
        if id(cell) in self.shared:
            # A new name in a module changes nothing for what has run.
            self.version += key in cell or id(cell) not in self.frames
            self.pending.append(value)
        self._log.append((cell, key, cell.get(key, MISSING)))
        if value is MISSING:
            cell.pop(key, None)
        else:
            cell[key] = value

    @contextmanager
    def lasting(self) -> Generator[None]:
        """Inside, writes are not taken back by who called: modules run once, whoever asks first."""
        log, self._log = self._log, []
        try:
            yield
        finally:
            self._log = log

    def mark(self) -> int:
        return len(self._log)

    def undo(self, mark: int) -> Changes:
        """Takes back everything since `mark`; returns what the cells held."""
        changes: Changes = {}
        while len(self._log) > mark:
            cell, key, old = self._log.pop()
            self.version += id(cell) in self.shared
            changes.setdefault((id(cell), key), (cell, cell.get(key, MISSING)))
            if old is MISSING:
                cell.pop(key, None)
            else:
                cell[key] = old
        return changes

    def changed(self, mark: int) -> Changes:
        """What the cells hold that were written since `mark`."""
        found: Changes = {}
        for cell, key, _ in self._log[mark:]:
            found[id(cell), key] = (cell, cell.get(key, MISSING))
        return found

    def redo(self, changes: Changes) -> None:
        for (_, key), (cell, value) in changes.items():
            self.write(cell, key, value)

    def merge(self, branches: list[Changes], join: Callable[[Any, Any], Any]) -> None:
        """Writes what holds after any of the branches, all of which started from here."""
        places = {place: cell for changes in branches for place, (cell, _) in changes.items()}
        for place, cell in places.items():
            key = place[1]
            before = cell.get(key, MISSING)
            found = [changes[place][1] if place in changes else before for changes in branches]
            joined = found[0]
            for other in found[1:]:
                joined = joined if joined is other else join(joined, other)
            if joined is not before:
                self.write(cell, key, joined)
