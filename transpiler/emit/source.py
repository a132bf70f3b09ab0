"""The original text: offsets of spans, and a small scanner that knows strings, comments and
brackets.

Only the regions around changed code are ever scanned, so the cost follows the size of the change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.span import Span

_LINE_END = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(
    r"""(?P<space>[ \t\f]+|\\(?:\r\n|\r|\n))
    |(?P<comment>\#[^\r\n]*)
    |(?P<newline>\r\n|\r|\n)
    |(?P<string>(?P<prefix>[rRbBuUfFtT]{0,2})(?P<quote>\"\"\"|'''|"|'))
    |(?P<number>(?:\d|\.\d)(?:[eE][+-]|[\w.])*)
    |(?P<name>\w+)
    |(?P<operator>->|:=|\*\*=?|//=?|<<=?|>>=?|\.\.\.|[-+*/%@&|^=!<>]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is "space", "comment", "newline", "string", "number", "name" or "operator"."""

    kind: str
    start: int
    end: int
    text: str


def _string_end(text: str, start: int, prefix: str, quote: str) -> int:
    """The offset after a string whose opening quote ends at `start`."""
    formatted = "f" in prefix.lower() or "t" in prefix.lower()
    at = start
    while at < len(text):
        if text.startswith(quote, at):
            return at + len(quote)
        char = text[at]
        if char == "\\":
            at += 2
        elif formatted and char == "{":
            at = at + 2 if text.startswith("{{", at) else field_end(text, at + 1)[1]
        else:
            at += 1
    return at


def field_end(text: str, start: int) -> tuple[int, int]:
    """The ends of the expression and of the field of an f-string whose `{` ends at `start`."""
    depth = 0
    expression = -1
    for token in scan(text, start):
        if token.kind != "operator":
            continue
        if token.text in _OPEN:
            depth += 1
        elif token.text == "}" and depth == 0:
            return (token.start if expression < 0 else expression), token.end
        elif token.text in ")]}":
            depth -= 1
        elif depth == 0 and token.text == "!" and expression < 0:
            expression = token.start
        elif depth == 0 and token.text in (":", ":="):
            expression = token.start if expression < 0 else expression
            return expression, _format_spec_end(text, token.start + 1)
        elif depth == 0 and token.text == "=" and expression < 0:
            expression = token.start
    return len(text), len(text)


def _format_spec_end(text: str, start: int) -> int:
    at = start
    while at < len(text):
        if text[at] == "{":
            at = field_end(text, at + 1)[1]
        elif text[at] == "}":
            return at + 1
        else:
            at += 1
    return at


def scan(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of a piece of Python text; strings come out whole."""
    at, end = start, len(text) if end is None else end
    while at < end:
        match = _TOKEN.match(text, at)
        assert match is not None
        kind = match.lastgroup or "operator"
        if kind == "quote" or kind == "prefix" or match["quote"] is not None:
            kind = "string"
            stop = _string_end(text, match.end(), match["prefix"], match["quote"])
        else:
            stop = match.end()
        yield Token(kind, at, stop, text[at:stop])
        at = stop


def solid(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens without space, comments and line ends."""
    return (t for t in scan(text, start, end) if t.kind not in ("space", "comment", "newline"))


def comments_in(text: str) -> list[str]:
    """The comments of a piece of text, in order."""
    return [t.text for t in scan(text) if t.kind == "comment"] if "#" in text else []


def closing(text: str, opening: int) -> int:
    """The offset of the bracket that closes the one at `opening`."""
    depth = 0
    for token in scan(text, opening):
        if token.kind == "operator":
            if token.text in _OPEN:
                depth += 1
            elif token.text in ")]}":
                depth -= 1
                if depth == 0:
                    return token.start
    return len(text)


def split_commas(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The items between commas at depth 0, each from its first to its last solid character."""
    items: list[tuple[int, int]] = []
    depth, first, last = 0, -1, -1
    for token in solid(text, start, end):
        if token.kind == "operator":
            if token.text in _OPEN:
                depth += 1
            elif token.text in ")]}":
                depth -= 1
            elif token.text == "," and depth == 0:
                if first >= 0:
                    items.append((first, last))
                first = -1
                continue
        if first < 0:
            first = token.start
        last = token.end
    if first >= 0:
        items.append((first, last))
    return items


class SourceText:
    """The text of one file and the offsets of its lines."""

    __slots__ = ("line_starts", "newline", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_starts = [0, *(m.end() for m in _LINE_END.finditer(text))]
        first = _LINE_END.search(text)
        self.newline = first.group() if first else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; lines count from 1."""
        return self.line_starts[line - 1] + column

    def range(self, span: Span) -> tuple[int, int]:
        """The offsets of a span."""
        starts = self.line_starts
        return (
            starts[span.start_line - 1] + span.start_column,
            starts[span.end_line - 1] + span.end_column,
        )

    def slice(self, span: Span) -> str:
        """The text of a span."""
        start, end = self.range(span)
        return self.text[start:end]

    def line_start(self, offset: int) -> int:
        """The offset at which the line of `offset` starts."""
        at = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset))
        return at + 1

    def line_stop(self, offset: int) -> int:
        """The offset after the line end that follows `offset`."""
        match = _LINE_END.search(self.text, offset)
        return match.end() if match else len(self.text)

    def indentation(self, offset: int) -> str:
        """The white space at the start of the line of `offset`."""
        start = self.line_start(offset)
        match = re.compile(r"[ \t\f]*").match(self.text, start)
        return match.group() if match else ""


def indent_unit(text: str) -> str:
    """One step of indentation as the file writes it: four spaces when it has none."""
    sizes: dict[str, int] = {}
    for match in re.finditer(r":[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)([ \t]+)\S", text[:200_000]):
        before = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
        outer = re.compile(r"[ \t]*").match(text, before)
        head = outer.group() if outer else ""
        step = match[1][len(head) :] if match[1].startswith(head) else ""
        if step:
            sizes[step] = sizes.get(step, 0) + 1
    usual = [s for s in sizes if s in ("  ", "   ", "    ", "\t", " ", " " * 8)]
    return max(usual, key=lambda s: sizes[s]) if usual else "    "
