"""From a place in the translation to the statement of the source and the rule that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...ir.span import Span
from ..outcome import PASSES
from ..project import CompiledFile
from ..report import LedgerEntry
from .places import Place
from .result import VerifyResult

NO_RULES = frozenset({*PASSES.values(), "source"})
"""By what entries of the ledger are made beside rules."""


def link(
    result: VerifyResult, files: Sequence[CompiledFile]
) -> tuple[VerifyResult, str | None, Span | None]:
    """The result with what the ledger says of its divergence, and the source's file and span."""
    divergence = result.divergence
    if divergence is None:
        return result, None, None
    places = [p for p in (divergence.target, divergence.after, *divergence.made) if p is not None]
    entries = [found for place in places if (found := _entry(place, files)) is not None]
    if not entries:
        return result, None, None
    file, entry = entries[0]
    if divergence.library and divergence.made and entry.by in NO_RULES:
        # A pass wrote the call; what a library's module computes is said where it is made.
        file, entry = _entry(divergence.made[0], files) or (file, entry)
    span = (file.source.name, entry.span.start_line)
    said = replace(divergence, span=span, rule=entry.by)
    return replace(result, divergence=said), file.source.name, entry.span


def _entry(place: Place, files: Sequence[CompiledFile]) -> tuple[CompiledFile, LedgerEntry] | None:
    """The ledger's entry for the smallest statement around a line of an output file."""
    name, line = place
    for file in files:
        if file.path.as_posix() != name:
            continue
        around = [
            (e.target.end_line - e.target.start_line, e.kind == "moved", n)
            for n, e in enumerate(file.ledger)
            if e.target is not None and e.target.start_line <= line <= e.target.end_line
        ]
        if around:
            return file, file.ledger[min(around)[2]]
    return None
