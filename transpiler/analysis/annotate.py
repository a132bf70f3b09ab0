"""The source with the types that were inferred, as comments at the ends of the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .conflicts import Assumption, Conflict, assumption_text
from .values import Place

COLUMN = 60
MOST = 3


def annotated_source(
    text: str,
    module: str,
    types: Mapping[Place, Mapping[str, Sequence[str]]],
    assumptions: Iterable[Assumption] = (),
    conflicts: Iterable[Conflict] = (),
) -> str:
    """Each line of `text`, followed by what is known of the names that it sets or returns."""
    notes: dict[int, list[str]] = {}
    for place, names in sorted(types.items(), key=_order):
        if place.module != module:
            continue
        for name, texts in names.items():
            label = "->" if name == "return" else f"{name}:"
            notes.setdefault(place.span.end_line, []).append(f"{label} {_alternatives(texts)}")
    for assumption in assumptions:
        if assumption.place.module == module:
            line = assumption.place.span.end_line
            notes.setdefault(line, []).append(f"needs {assumption_text(assumption)}")
    for conflict in conflicts:
        if conflict.place.module == module:
            note = f"{conflict.code}: {conflict.message}"
            notes.setdefault(conflict.place.span.end_line, []).append(note)
    lines = text.splitlines()
    return "".join(
        f"{_with_note(line, notes.get(number, []))}\n" for number, line in enumerate(lines, 1)
    )


def _order(entry: tuple[Place, object]) -> tuple[int, int]:
    span = entry[0].span
    return span.start_line, span.start_column


def _alternatives(texts: Sequence[str]) -> str:
    """A place that is passed with several types has them all, up to a few."""
    shown = " | ".join(texts[:MOST])
    return f"{shown} | ..." if len(texts) > MOST else shown


def _with_note(line: str, notes: list[str]) -> str:
    if not notes:
        return line
    return f"{line.ljust(COLUMN)}  # {'; '.join(dict.fromkeys(notes))}"
