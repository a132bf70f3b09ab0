"""Edits of the original text and how they are applied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .layout import Doc, flat, layout, text_width
from .relayout import breaks_badly, is_alone, may_join
from .source import SourceText, comments_in, scan


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text between two offsets by a document."""

    start: int
    end: int
    doc: Doc


@dataclass(frozen=True, slots=True)
class Patched:
    """A patched piece of text, its lost comments, and whether it is better printed fresh.

    `too_long`: a line that is not original is too long; `broken`: new text breaks in the middle of
    a line; `joinable`: its lines may be joined where that fits.
    """

    text: str
    lost: tuple[str, ...] = ()
    too_long: bool = False
    broken: bool = False
    joinable: bool = False

    @property
    def wants_fresh(self) -> bool:
        """Is the fresh form worth a look?"""
        return self.too_long or self.broken or self.joinable


class CannotPatch(Exception):
    """The change does not fit the original text; something bigger must be printed fresh."""


class _Assembly:
    """Copies text and keeps continuation lines that hang from a bracket under that bracket."""

    def __init__(self, source: SourceText, start: int, end: int, width: int, unit: str) -> None:
        self.source, self.width, self.unit = source, width, unit
        self.out: list[str] = []
        self.tokens = list(scan(source.text, start, end))
        self.next = 0  # the first token that does not end before what was copied or replaced
        line = source.line_start(start)
        self.head = source.text[line:start]
        self.column = len(self.head)
        self.indent = source.indentation(start)
        self.hanging: list[
            tuple[int, int]
        ] = []  # column after a bracket: in the source, in the output
        self.broken = False

    def put(self, text: str) -> None:
        if not text:
            return
        self.out.append(text)
        tail = text.rpartition("\n")
        self.column = len(tail[2]) + (0 if tail[1] else self.column)

    def edit(self, edit: Edit, after: str, line: str) -> None:
        """Put new text; `after` follows it on its last line, `line` with what other edits keep."""
        text = edit.doc
        if not isinstance(text, str):
            indent = self.indent
            text = layout(
                text,
                width=self.width,
                indent=indent,
                column=self.column,
                unit=self.unit,
                after=after,
            )
            if "\n" in text and not self.broken:
                before = "".join(self.out).rpartition("\n")[2]
                self.broken = breaks_badly(before, text, edit.doc, line)
                if not self.broken and text.count("\n") > flat(edit.doc).count("\n"):
                    ends = self.tokens[0].start, self.tokens[-1].end
                    self.broken = not is_alone(self.source.text, *ends, edit.start)
            text = text.replace("\n", self.source.newline)
        if self.hanging and "\n" in text:
            before, now = self.hanging[-1]
            text = re.sub(rf"(?<=\n) {{{before}}}(?=\S)", " " * now, text)
        self.put(text)

    def copy(self, start: int, end: int) -> None:
        """Copy source text that lies outside all edits."""
        text = self.source.text
        at_line_start = start > 0 and text[start - 1] in "\r\n" and bool(self.out)
        while self.next < len(self.tokens) and self.tokens[self.next].end <= start:
            self.next += 1
        for token in self.tokens[self.next :]:
            if token.start >= end:
                break
            if token.start < start or token.end > end:  # an edit inside a string
                self.put(text[max(start, token.start) : min(end, token.end)])
                at_line_start = False
                continue
            piece = token.text
            if token.kind == "newline":
                at_line_start = True
            elif token.kind == "space" and at_line_start:
                if not piece.startswith("\\"):
                    self.indent = piece
                    column = len(piece)
                    if self.hanging and self.hanging[-1][0] == column:
                        piece = " " * self.hanging[-1][1]
                at_line_start = False
            else:
                at_line_start = False
            self.put(piece)
            if token.kind == "operator":
                if piece in ("(", "[", "{"):
                    source_column = token.end - self.source.line_start(token.end)
                    self.hanging.append((source_column, self.column))
                elif piece in (")", "]", "}") and self.hanging:
                    self.hanging.pop()


def _after(source: SourceText, edit: Edit, following: int, end: int) -> str:
    """What stays on the line after an edit."""
    stop = min(end, following)
    tail = source.text[edit.end : stop]
    return tail.splitlines()[0] if tail else ""


def apply_edits(
    source: SourceText,
    start: int,
    end: int,
    edits: Sequence[Edit],
    width: int,
    unit: str,
    trailing: str = "",
) -> Patched:
    """The text between two offsets with the edits made; `trailing` follows on the last line."""
    original = source.text[start:end]
    if not edits:
        return Patched(original)
    edits = sorted(edits, key=lambda e: (e.start, e.end))
    assembly = _Assembly(source, start, end, width, unit)
    at = start
    for i, edit in enumerate(edits):
        assembly.copy(at, edit.start)
        following = edits[i + 1].start if i + 1 < len(edits) else end
        after = _after(source, edit, following, end)
        if following == end and edit.end + len(after) == end:
            after += trailing
        line = source.text[edit.end : min(end, source.line_stop(edit.end))]
        assembly.edit(edit, after, line)
        at = edit.end
    assembly.copy(at, end)
    text = "".join(assembly.out)
    lost = Counter(comments_in(original))
    if lost:
        lost -= Counter(comments_in(text))
    old_lines = set(original.splitlines())
    lines = (assembly.head + text + trailing).splitlines()
    too_long = any(text_width(line) > width and line not in old_lines for line in lines)
    ordered = tuple(c for c in dict.fromkeys(comments_in(original)) if c in lost) if lost else ()
    places = [(e.start, e.end, e.doc) for e in edits]
    joinable = "\n" in text and may_join(source.text, start, end, places)
    return Patched(text, ordered, too_long, assembly.broken, joinable)
