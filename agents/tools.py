"""Facts that a coder may ask for: read-only, and bounded in length."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from .candidate import ToolCall
from .cards import card, functions

LINES = 12


class Tools:
    """`sources`: the text of the project's files by path."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def use(self, call: ToolCall) -> str:
        """The answer, as text for the model."""
        return self.look_up(call.argument) if call.tool == "LOOKUP" else self.search(call.argument)

    def look_up(self, name: str) -> str:
        """Cards of the functions of that name, or of the nearest ones."""
        last = name.rpartition(".")[2].strip("()` ")
        known = functions()
        names = [last] if last in known else difflib.get_close_matches(last, known, 3, 0.6)
        if not names:
            return f"JAX has no `{last}`, nor anything of a similar name."
        cards = [card(full) for one in names for full in known[one][:3]]
        head = "" if last in known else f"JAX has no `{last}`. Similar:\n"
        return head + "\n".join(cards[:LINES])

    def search(self, text: str) -> str:
        """Lines of the project that contain a text."""
        found = [
            f"{path}:{number}: {line.strip()[:160]}"
            for path, source in sorted(self._sources.items())
            for number, line in enumerate(source.splitlines(), start=1)
            if text in line
        ]
        more = f"\n... and {len(found) - LINES} more" if len(found) > LINES else ""
        return "\n".join(found[:LINES]) + more if found else "Nothing in the project contains it."
