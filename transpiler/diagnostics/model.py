"""What a diagnostic is: a code, a message, a place, and what the user can do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ...ir.span import Span

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One condition met in one place.

    `path` is the file as the user named it (posix separators); `span` is None when the condition
    concerns the whole file. `message` says what happened here, in one sentence without a full
    stop; `hint` says what to do. `related` points at other places in the same file.
    """

    code: str
    message: str
    path: str
    span: Span | None = None
    hint: str | None = None
    severity: Severity = "error"
    related: tuple[tuple[Span, str], ...] = ()

    @property
    def line(self) -> int:
        """1-based line; 1 when the whole file is meant."""
        return self.span.start_line if self.span else 1

    @property
    def column(self) -> int:
        """1-based column, as editors count; 1 when the whole file is meant."""
        return self.span.start_column + 1 if self.span else 1


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by path, place, severity, code and message, with exact duplicates removed."""
    unique = dict.fromkeys(diagnostics)
    return tuple(
        sorted(
            unique,
            key=lambda d: (
                d.path,
                d.line,
                d.column,
                SEVERITIES.index(d.severity),
                d.code,
                d.message,
            ),
        )
    )


def count_by_severity(diagnostics: Iterable[Diagnostic]) -> dict[Severity, int]:
    """How many of each severity; all three keys are present."""
    counts: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return counts
