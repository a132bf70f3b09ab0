"""`--explain CODE`."""

from __future__ import annotations

import difflib
import sys

import click

from ..diagnostics import CODES
from ..diagnostics.explain import explain, find
from .console import use_color


def print_explanation(word: str, color: str) -> None:
    """Prints Markdown, laid out when a terminal reads it. Raises click.UsageError."""
    code = find(word)
    if code is None:
        known = [*CODES, *(c.name for c in CODES.values())]
        near = difflib.get_close_matches(word, known, n=3)
        advice = f"; did you mean {' or '.join(near)}?" if near else "; see docs/diagnostics.md"
        raise click.UsageError(f"no diagnostic is called `{word}`{advice}")
    text = explain(code)
    if not (sys.stdout.isatty() and use_color(color)):
        print(text, end="")
        return
    # Imported late: rich's Markdown costs 150 ms.
    from rich.console import Console as Terminal
    from rich.markdown import Markdown

    Terminal().print(Markdown(text))
