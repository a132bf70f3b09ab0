"""Diagnostics: codes, spans, hints, and how they are shown."""

from . import codes
from .codes import CODES, Code
from .model import SEVERITIES, Diagnostic, Severity, count_by_severity, in_order

__all__ = [
    "CODES",
    "SEVERITIES",
    "Code",
    "Diagnostic",
    "Severity",
    "codes",
    "count_by_severity",
    "in_order",
]
