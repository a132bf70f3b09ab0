"""The ledger: where each piece of the source went, and by whose hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ...ir.span import Span

LedgerKind = Literal["kept", "translated", "dropped", "unhandled", "moved"]
LEDGER_KINDS: tuple[LedgerKind, ...] = ("kept", "translated", "moved", "dropped", "unhandled")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one span of the source.

    `kind`: "kept" as it was, "translated" in place, "moved" elsewhere (and perhaps translated),
    "dropped" because it has no effect in the target, "unhandled" and marked in the output.
    `by` names the rule or the pass; `target` is the place in the output, None where there is
    none; `code` is the diagnostic that belongs to it.
    """

    path: str
    span: Span
    kind: LedgerKind
    by: str
    target: Span | None = None
    note: str | None = None
    code: str | None = None


def ledger_in_order(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Sorted by path and place in the source (outer spans first), then by kind and author."""
    return tuple(
        sorted(
            entries,
            key=lambda e: (
                e.path,
                e.span.start_line,
                e.span.start_column,
                -e.span.end_line,
                -e.span.end_column,
                LEDGER_KINDS.index(e.kind),
                e.by,
                e.note or "",
            ),
        )
    )


def count_by_kind(entries: Iterable[LedgerEntry]) -> dict[LedgerKind, int]:
    """How many entries of each kind; all keys are present."""
    counts: dict[LedgerKind, int] = dict.fromkeys(LEDGER_KINDS, 0)
    for entry in entries:
        counts[entry.kind] += 1
    return counts
