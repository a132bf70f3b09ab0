"""GitHub Actions workflow commands: annotations beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Diagnostic

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command a diagnostic."""
    return "".join(map(_annotation, diagnostics))


def _annotation(d: Diagnostic) -> str:
    place: dict[str, str] = {"file": d.path, "line": str(d.line)}
    if d.span is not None:
        place["endLine"] = str(d.span.end_line)
        # GitHub rejects columns on annotations of several lines.
        if d.span.start_line == d.span.end_line:
            place["col"] = str(d.column)
            place["endColumn"] = str(d.span.end_column + 1)
    place["title"] = f"tfjax {d.code}"
    properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    text = d.message if d.hint is None else f"{d.message}\nhint: {d.hint}"
    return f"::{LEVELS[d.severity]} {properties}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
