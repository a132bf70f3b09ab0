"""Renderers of diagnostics, by the names of `--format`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..model import Diagnostic
from .github import render_github
from .json_form import diagnostic_data, render_json, span_data
from .plain import render_plain
from .terminal import render_terminal

Format = Literal["text", "plain", "json", "github", "sarif"]
FORMATS: tuple[Format, ...] = ("text", "plain", "json", "github", "sarif")

__all__ = [
    "FORMATS",
    "Format",
    "diagnostic_data",
    "render",
    "render_github",
    "render_json",
    "render_plain",
    "render_terminal",
    "span_data",
]


def render(
    diagnostics: Sequence[Diagnostic],
    form: Format,
    sources: Mapping[str, str],
    version: str,
    color: bool = False,
) -> str:
    """The diagnostics in one of FORMATS; `sources` maps paths to texts for the excerpts."""
    match form:
        case "text":
            return render_terminal(diagnostics, sources, color)
        case "plain":
            return render_plain(diagnostics)
        case "json":
            return render_json(diagnostics)
        case "github":
            return render_github(diagnostics)
        case "sarif":
            # Imported late: it takes a third of the time of `--version`.
            from .sarif import render_sarif

            return render_sarif(diagnostics, version)
