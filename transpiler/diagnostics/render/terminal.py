"""Diagnostics for people: the source line, an underline, a hint, in the manner of rustc."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from ..model import Diagnostic, Severity

if TYPE_CHECKING:
    from ....ir.span import Span

Paint = Callable[[str, str], str]
STYLES: dict[Severity, str] = {"error": "1;31", "warning": "1;33", "note": "1;36"}
BOLD, FRAME, RELATED = "1", "1;34", "1;34"
TAB = 4
# Longer lines (data, minified code) are cut around the span.
WIDEST = 140
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def render_terminal(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], color: bool = False
) -> str:
    """`sources` maps paths to texts; a path that is not there is shown without an excerpt."""

    @cache
    def lines(path: str) -> tuple[str, ...]:
        return _source_lines(sources.get(path))

    paint: Paint = _ansi if color else _no_color
    return "\n".join(_render(d, lines(d.path), paint) for d in diagnostics)


def _render(d: Diagnostic, lines: tuple[str, ...], paint: Paint) -> str:
    style = STYLES[d.severity]
    message = CONTROL.sub("?", d.message)
    head = paint(style, f"{d.severity}[{d.code}]") + paint(BOLD, f": {message}") + "\n"
    spans = [span for span in (d.span, *(span for span, _ in d.related)) if span]
    width = len(str(max((_last_line(span) for span in spans), default=1)))
    place = d.path if d.span is None else f"{d.path}:{d.line}:{d.column}"
    out = [head, " " * width, paint(FRAME, "--> "), CONTROL.sub("?", place), "\n"]
    margin = " " * width + paint(FRAME, " |") + "\n"
    shown = False
    if d.span is not None and (excerpt := _excerpt(d.span, lines, width, style, "", paint)):
        out += [margin, excerpt]
        shown = True
    for span, text in d.related:
        mark = f"{' ' * width}{paint(FRAME, ' ::: ')}{d.path}:{span}\n"
        excerpt = _excerpt(span, lines, width, RELATED, CONTROL.sub("?", text), paint)
        out += [mark, excerpt or f"{' ' * width}{paint(FRAME, ' = ')}{text}\n"]
        shown = True
    if d.hint:
        out.append(margin if shown else "")
        out.append(f"{' ' * width}{paint(FRAME, ' = ')}{paint(BOLD, 'hint')}: {d.hint}\n")
    return "".join(out)


def _excerpt(
    span: Span, lines: tuple[str, ...], width: int, style: str, label: str, paint: Paint
) -> str:
    """The first line of the span underlined; of a longer span, its last line too."""
    if not 1 <= span.start_line <= len(lines):
        return ""
    first = lines[span.start_line - 1]
    one_line = span.end_line == span.start_line
    end = span.end_column if one_line else len(first.rstrip())
    out = _underlined(span.start_line, first, span.start_column, end, width, style, paint)
    if one_line or span.end_line > len(lines):
        return out + (f" {paint(style, label)}" if label else "") + "\n"
    last = lines[span.end_line - 1]
    start = len(last) - len(last.lstrip())
    skipped = "" if span.end_line == span.start_line + 1 else f"{paint(FRAME, '...')}\n"
    out += f"\n{skipped}"
    out += _underlined(span.end_line, last, start, span.end_column, width, style, paint)
    return out + (f" {paint(style, label)}" if label else "") + "\n"


def _underlined(
    number: int, text: str, start: int, end: int, width: int, style: str, paint: Paint
) -> str:
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    cut = max(0, min(start - 20, len(text) - WIDEST)) if len(text) > WIDEST else 0
    lead = "..." if cut else ""
    shown, before, marked = text[cut : cut + WIDEST], text[cut:start], text[start:end]
    rest = "..." if cut + WIDEST < len(text) else ""
    room = max(1, WIDEST - len(before))
    pad = _cells(before) + len(lead)
    marks = "^" * max(1, _cells(marked[:room]))
    gutter = paint(FRAME, f"{number:>{width}} |")
    under = " " * width + paint(FRAME, " |")
    return f"{gutter} {lead}{_printable(shown)}{rest}\n{under} {' ' * pad}{paint(style, marks)}"


def _printable(text: str) -> str:
    return CONTROL.sub("?", text.replace("\t", " " * TAB))


def _cells(text: str) -> int:
    """The columns that a terminal gives the text: tabs are expanded, CJK is two wide."""
    text = _printable(text)
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _source_lines(text: str | None) -> tuple[str, ...]:
    # Not splitlines(): Python ends lines at \n, \r and \r\n only.
    return tuple(re.split(r"\r\n|\r|\n", text)) if text is not None else ()


def _last_line(span: Span) -> int:
    return max(span.start_line, span.end_line)


def _ansi(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _no_color(style: str, text: str) -> str:
    return text
