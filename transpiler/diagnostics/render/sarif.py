"""SARIF 2.1.0, the format of code-scanning services.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..codes import CODES
from ..explain import explanation
from ..model import Diagnostic, Severity

if TYPE_CHECKING:
    from ....ir.span import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}


def render_sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """One run; `version` is the tool's. Only the codes that occur are listed as rules."""
    listed = list(diagnostics)
    used = sorted({d.code for d in listed})
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tfjax-compile",
                        "semanticVersion": version,
                        "rules": [_rule(code) for code in used],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, used.index(d.code)) for d in listed],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = CODES.get(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in known.name.split("-")),
        "shortDescription": {"text": known.summary},
        "help": {"text": explanation(known), "markdown": explanation(known)},
        "defaultConfiguration": {"level": LEVELS[known.severity]},
    }


def _result(d: Diagnostic, index: int) -> dict[str, Any]:
    text = d.message if d.hint is None else f"{d.message} (hint: {d.hint})"
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index,
        "level": LEVELS[d.severity],
        "message": {"text": text},
        "locations": [_location(d.path, d.span)],
    }
    if d.related:
        result["relatedLocations"] = [
            {"id": number, **_location(d.path, span), "message": {"text": note}}
            for number, (span, note) in enumerate(d.related, start=1)
        ]
    return result


def _location(path: str, span: Span | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(path)}}
    if span is not None:
        physical["region"] = {
            "startLine": span.start_line,
            "startColumn": span.start_column + 1,
            "endLine": span.end_line,
            "endColumn": span.end_column + 1,
        }
    return {"physicalLocation": physical}
