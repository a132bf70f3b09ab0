"""Shapes and dtypes of a program, followed symbolically; contradictions among them are reported."""

from .conflicts import Assumption, Conflict, assumption_text, diagnostics_of
from .entry import Analysis, analyse
from .source import analyse_sources, analyse_text

__all__ = [
    "Analysis",
    "Assumption",
    "Conflict",
    "analyse",
    "analyse_sources",
    "analyse_text",
    "assumption_text",
    "diagnostics_of",
]
