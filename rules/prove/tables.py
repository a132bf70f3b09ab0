"""The lines of `rules/prove/cases`, as text: reading them needs no framework."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
BOTH = ("keras2", "keras3")


@dataclass(frozen=True, slots=True)
class Line:
    """A fixed case of a table, and the Keras versions that it is for."""

    table: str
    text: str
    flavours: tuple[str, ...]

    @property
    def source(self) -> str:
        """The source expression alone."""
        return self.text.partition("  # ")[0].partition(" @ ")[0]


def read_tables(folder: Path = FOLDER) -> list[Line]:
    """All lines, in the order of files."""
    found: list[Line] = []
    for path in sorted(folder.rglob("*.txt")):
        table = path.relative_to(folder).with_suffix("").as_posix()
        both = table.startswith("keras/") or table == "tf/backend"
        for text in path.read_text(encoding="utf-8").splitlines():
            if not text.strip():
                continue
            options = text.partition("  # ")[2].split(", ")
            chosen = tuple(name for name in BOTH if name in options)
            found.append(Line(table, text, chosen or (BOTH if both else ("keras3",))))
    return found
