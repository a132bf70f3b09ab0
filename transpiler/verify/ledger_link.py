"""From a place in the translation to the statement of the source and the rule that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...ir.span import Span
from ..project import CompiledFile
from ..report import LedgerEntry
from .places import Place
from .result import VerifyResult


def link(
    result: VerifyResult, files: Sequence[CompiledFile]
) -> tuple[VerifyResult, str | None, Span | None]:
    """The result with what the ledger says of its divergence, and the source's file and span."""
    divergence = result.divergence
    if divergence is None:
        return result, None, None
    places = [p for p in (divergence.target, divergence.after, *divergence.made) if p is not None]
    for place in places:
        found = _entry(place, files)
        if found is not None:
            file, entry = found
            span = (file.source.name, entry.span.start_line)
            said = replace(divergence, span=span, rule=entry.by)
            return replace(result, divergence=said), file.source.name, entry.span
    return result, None, None


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
