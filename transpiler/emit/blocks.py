"""Pieces of output text that know which statements their lines came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...ir import nodes as ir
from ...ir.span import Span
from .source import scan

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A statement of the new tree.

    Its first and last output line (from 1), and its source text if any.
    """

    first: int
    last: int
    span: Span | None
    node: ir.Statement


def count_lines(text: str) -> int:
    """How many line ends the text has."""
    if "\r" not in text:
        return text.count("\n")
    return len(_LINE_END.findall(text))


@dataclass(slots=True)
class Block:
    """Text under construction; marks hold line offsets from its start."""

    parts: list[str] = field(default_factory=lambda: [])
    marks: list[LineEntry] = field(default_factory=lambda: [])
    lines: int = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def put(self, text: str) -> None:
        """Append text."""
        if text:
            self.parts.append(text)
            self.lines += count_lines(text)

    def add(self, other: Block) -> None:
        """Append a block with its marks."""
        for mark in other.marks:
            first, last = mark.first + self.lines, mark.last + self.lines
            self.marks.append(LineEntry(first, last, mark.span, mark.node))
        self.parts.extend(other.parts)
        self.lines += other.lines

    def ends_with_line_end(self) -> bool:
        """True also for an empty block."""
        for part in reversed(self.parts):
            if part:
                return part[-1] in "\r\n"
        return True


def bodies(node: ir.Statement) -> Iterable[ir.Body]:
    """The bodies of a compound statement, handlers included, in source order."""
    match node:
        case ir.If():
            return (node.then, node.otherwise)
        case ir.For() | ir.While():
            return (node.body, node.otherwise)
        case ir.Try():
            handlers = tuple(h.body for h in node.handlers)
            return (node.body, *handlers, node.otherwise, node.final)
        case ir.With() | ir.FunctionDef() | ir.ClassDef():
            return (node.body,)
        case _:
            return ()


def marks_of(node: ir.Statement, first_source_line: int) -> list[LineEntry]:
    """The marks of a statement copied verbatim, itself and all below it."""
    out: list[LineEntry] = []
    stack = [node]
    while stack:
        current = stack.pop()
        span = current.span
        if span is None:
            continue
        first = span.start_line - first_source_line
        out.append(LineEntry(first, span.end_line - first_source_line, span, current))
        for body in bodies(current):
            stack.extend(body)
    return out


def reindent(text: str, old: str, new: str, *, docstrings: bool = True) -> str:
    """Move text to another indentation. The text starts after the indentation of its first line.

    The inside of multi-line strings stays as it is, docstrings excepted.
    """
    if old == new or count_lines(text) == 0:
        return text
    out: list[str] = []
    at_start = False
    after_colon = True
    for token in scan(text):
        piece = token.text
        if token.kind == "newline":
            at_start = True
        elif at_start and token.kind == "space" and not piece.startswith("\\"):
            piece = _shifted(piece, old, new)
            at_start = False
        else:
            if at_start:
                piece = (new if not old else "") + piece
            elif token.kind == "string" and docstrings and after_colon and count_lines(piece):
                piece = _LINE_START.sub(lambda m: m[1] + _shifted(m[2], old, new), piece)
            at_start = token.kind == "space" and piece[-1] in "\r\n"
        if token.kind not in ("space", "newline", "comment"):
            after_colon = piece == ":"
        out.append(piece)
    return "".join(out)


_LINE_START = re.compile(r"(\r\n|\r|\n)([ \t]+)(?=\S)")


def _shifted(space: str, old: str, new: str) -> str:
    return new + space[len(old) :] if space.startswith(old) else space


def reindent_lines(lines: str, old: str, new: str) -> str:
    """Whole comment and blank lines at another indentation."""
    if old == new or not lines:
        return lines
    return "".join(
        new + line[len(old) :] if line.startswith(old) and line.strip() else line
        for line in lines.splitlines(keepends=True)
    )


def first_line(node: ir.Statement) -> int:
    """The line on which the statement or its first decorator starts."""
    assert node.span is not None
    line = node.span.start_line
    if isinstance(node, ir.FunctionDef | ir.ClassDef):
        for decorator in node.decorators:
            if decorator.span is not None:
                line = min(line, decorator.span.start_line)
    return line
