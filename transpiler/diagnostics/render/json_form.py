"""Diagnostics as plain data, for JSON output and the report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..model import Diagnostic, count_by_severity

if TYPE_CHECKING:
    from ....ir.span import Span

VERSION = 1


def span_data(span: Span | None) -> list[int] | None:
    """`[start line, start column, end line, end column]`: lines from 1, columns from 0."""
    if span is None:
        return None
    return [span.start_line, span.start_column, span.end_line, span.end_column]


def diagnostic_data(d: Diagnostic) -> dict[str, Any]:
    """The fields of a diagnostic, all present, as JSON values."""
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "path": d.path,
        "span": span_data(d.span),
        "hint": d.hint,
        "related": [{"span": span_data(span), "message": text} for span, text in d.related],
    }


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A document `{"version", "diagnostics", "counts"}`."""
    listed = list(diagnostics)
    document = {
        "version": VERSION,
        "diagnostics": [diagnostic_data(d) for d in listed],
        "counts": count_by_severity(listed),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
