"""`path:line:col: CODE message`, one line a diagnostic."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Diagnostic


def render_plain(diagnostics: Iterable[Diagnostic]) -> str:
    """One line each, as editors and `grep` take it; hints are left out."""
    return "".join(
        f"{d.path}:{d.line}:{d.column}: {d.code} {' '.join(d.message.split())}\n"
        for d in diagnostics
    )
