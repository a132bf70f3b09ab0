"""What the front end raises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class SourceSyntaxError(Exception):
    """The text is no Python that this interpreter can read.

    `line` counts from 1 and `column` from 0, in characters. `kind` is "syntax", or "nesting" for
    code that nests too deeply to be read.
    """

    message: str
    line: int = 1
    column: int = 0
    kind: str = "syntax"

    def __str__(self) -> str:
        return f"{self.line}:{self.column + 1}: {self.message}"
