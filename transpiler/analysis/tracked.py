"""Literals that note when something looks at them.

Names of layers and rates of dropout differ from call to call and change no shape. A summary of a
call (see `summaries`) is right for other such literals as well, if nothing looked at them.
"""

from __future__ import annotations

from typing import Any

from .values import Const


class Tracked(Const):
    """A text or a float. `parts` are what a text is joined from; `clock[0]` is the time, which is
    noted when the literal is read. Whether it is empty, and its sign, can be asked for free."""

    __slots__ = ("clock", "held", "parts", "seen")
    held: str | float
    parts: tuple[Any, ...]
    clock: list[int]
    seen: int

    def __init__(self, held: str | float, clock: list[int], parts: tuple[Any, ...] = ()) -> None:
        put = object.__setattr__
        put(self, "held", held)
        put(self, "clock", clock)
        put(self, "parts", parts)
        put(self, "seen", -1)

    @property
    def value(self) -> object:  # pyright: ignore[reportIncompatibleVariableOverride]
        self.note()
        return self.held

    def note(self) -> None:
        object.__setattr__(self, "seen", self.clock[0])
        for part in self.parts:
            if isinstance(part, Tracked):
                part.note()

    @property
    def sign(self) -> int:
        """1, 0, -1; of texts 1 or 0."""
        if isinstance(self.held, str):
            return int(bool(self.held))
        return (self.held > 0) - (self.held < 0)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Const):
            return False
        if not isinstance(other, Tracked) and not isinstance(other.value, (str, float, int)):
            return False
        return self.value == other.value

    def __hash__(self) -> int:
        return hash((self.value,))

    def __repr__(self) -> str:
        return f"Const(value={self.value!r})"


def joined(parts: list[Const], clock: list[int]) -> Tracked:
    """The text of the parts together. Numbers are read by that, texts are not."""
    shown = [p.held if isinstance(p, Tracked) else p.value for p in parts]
    for p in parts:
        if isinstance(p, Tracked) and not isinstance(p.held, str):
            p.note()
    kept = tuple(p if isinstance(p, Tracked) else str(p.value) for p in parts)
    return Tracked("".join(map(str, shown)), clock, kept)


def is_text(value: object) -> bool:
    """Asked without a look at the text."""
    if isinstance(value, Tracked):
        return isinstance(value.held, str)
    return isinstance(value, Const) and isinstance(value.value, str)


def is_ellipsis(value: Const) -> bool:
    return not isinstance(value, Tracked) and value.value is ...
