"""Which ranks are tried for a function that nothing calls, and when that is enough."""

from __future__ import annotations

from dataclasses import dataclass, field

from .compare import Finding
from .entries import Entry
from .summary import Followed

Told = tuple[Entry, Finding, Followed]
STEPS_A_CLAIM = 20_000
"""After so many steps no more ranks are tried for a function."""
MOST_IDLE = 3


@dataclass(slots=True)
class Trials:
    """What calls told so far. `before`: the steps that were left for all claims at the start;
    `refused`: whether the source contradicts itself for some of what was tried; `passed`: whether
    it does not for floats of some rank; `idle`: the steps of runs that told nothing."""

    before: int
    found: list[Told] = field(default_factory=list[Told])
    refused: bool = False
    passed: bool = False
    idle: list[int] = field(default_factory=list[int])

    def ends_before(self, entry: Entry) -> bool:
        """Whether nothing is left to learn from this call and those after it."""
        if not entry.guess:
            return False
        if entry.guess.endswith("int32"):
            # Of integers more is seen only where floats are refused.
            return self.passed or not self.refused
        # Ranks do not matter to what happens there, or not enough.
        alike = len(self.idle) == 2 and self.idle[0] == self.idle[1]
        return not self.found and (alike or len(self.idle) >= MOST_IDLE)

    def note(self, entry: Entry, one: Told | None, refused: bool, steps: int) -> None:
        if one is not None:
            self.found.append(one)
        if not entry.guess:
            return
        self.refused = self.refused or refused
        self.passed = self.passed or not refused
        if one is None and not refused:
            self.idle.append(steps)

    def ends_after(self, entry: Entry, left: int) -> bool:
        proved = sum(f.verdict == "proved" for _, f, _ in self.found)
        return bool(entry.guess) and (proved >= 2 or left <= self.before - STEPS_A_CLAIM)
