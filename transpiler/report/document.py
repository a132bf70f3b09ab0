"""The report of a run as JSON: what became of every file, statement by statement.

Version 1. Bytes depend on inputs, options and tool version alone: no times, no absolute paths
unless the user named them. Spans are `[start line, start column, end line, end column]`, lines
from 1, columns from 0. The fields are listed in docs/cli.md.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..diagnostics import Diagnostic, count_by_severity, in_order
from ..diagnostics.render import diagnostic_data, span_data
from .ledger import LedgerEntry, count_by_kind, ledger_in_order

if TYPE_CHECKING:
    from ..analysis.proof import Claim
    from ..project import CompiledFile, CompiledProject

VERSION = 1
VERDICTS = ("proved", "unknown", "refuted")
STATUSES = ("unchanged", "translated", "partial", "failed")


def build_report(
    project: CompiledProject,
    *,
    tool_version: str,
    options: Mapping[str, Any],
    diagnostics: Sequence[Diagnostic] = (),
    verification: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The document. `diagnostics` are those of files that could not be read and of the run;
    `verification` has one JSON object an entry, None when none was asked for."""
    files = sorted(project.files, key=lambda file: (file.path.as_posix(), file.source.name))
    general = in_order((*diagnostics, *project.diagnostics))
    everything = [*general, *(d for file in files for d in file.diagnostics)]
    ledger = [entry for file in files for entry in file.ledger]
    statuses = Counter(file.status for file in files)
    return {
        "report": "tfjax",
        "version": VERSION,
        "tool": {"name": "tfjax-compile", "version": tool_version},
        "options": {key: options[key] for key in sorted(options)},
        "counts": {
            "files": {status: statuses[status] for status in STATUSES},
            "diagnostics": count_by_severity(everything),
            "ledger": count_by_kind(ledger),
            "shapes": _verdicts(files),
        },
        "files": [_file_data(file) for file in files],
        "extra_files": {
            path.as_posix(): _sha256(text.encode()) for path, text in sorted(project.extra.items())
        },
        "diagnostics": [diagnostic_data(d) for d in general],
        "verification": None if verification is None else list(verification),
    }


def report_bytes(report: Mapping[str, Any]) -> bytes:
    """UTF-8, indented, one newline at the end."""
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # A path may hold bytes that are no UTF-8: they must not stop the report.
    return text.encode("utf-8", "backslashreplace")


def _file_data(file: CompiledFile) -> dict[str, Any]:
    written = file.status != "failed"
    return {
        "path": file.source.name,
        "output": file.path.as_posix() if written else None,
        "module": file.source.module,
        "encoding": file.source.encoding,
        "status": file.status,
        "source_sha256": file.source.sha256,
        "output_sha256": _output_digest(file) if written else None,
        "counts": {
            "diagnostics": count_by_severity(file.diagnostics),
            "ledger": count_by_kind(file.ledger),
        },
        "shapes": None if file.claims is None else [_claim_data(c) for c in file.claims],
        "ledger": [_entry_data(entry) for entry in ledger_in_order(file.ledger)],
        "diagnostics": [diagnostic_data(d) for d in in_order(file.diagnostics)],
    }


def _entry_data(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "span": span_data(entry.span),
        "kind": entry.kind,
        "by": entry.by,
        "target": span_data(entry.target),
        "note": entry.note,
        "code": entry.code,
    }


def _verdicts(files: Sequence[CompiledFile]) -> dict[str, int] | None:
    """How many functions are proved, unknown, refuted; None when no proof was asked for."""
    if not any(file.claims is not None for file in files):
        return None
    found = Counter(c.verdict for file in files for c in file.claims or ())
    return {verdict: found[verdict] for verdict in VERDICTS}


def _claim_data(claim: Claim) -> dict[str, Any]:
    return {
        "function": claim.name,
        "output": claim.target,
        "span": None if claim.span is None else span_data(claim.span),
        "verdict": claim.verdict,
        "dtype": claim.dtype,
        "reason": claim.reason,
        "assumptions": list(claim.assumptions),
        "example": dict(sorted(claim.example.items())),
        "called": claim.called,
        "inputs": claim.inputs,
        "result": claim.result,
    }


def _output_digest(file: CompiledFile) -> str | None:
    try:
        return _sha256(file.source.encode(file.text))
    except UnicodeEncodeError:
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
