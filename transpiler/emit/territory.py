"""How the original text of a body divides among its statements.

What stands above, on and after each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...ir import nodes as ir
from .source import SourceText, solid
from .source import scan as tokens

_ELSE = re.compile(r"else\s*:\s*(#.*)?")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Plot:
    """One original statement. `lead` to `line`: blank and comment lines above; `start` to `end`:
    the statement with its decorators; up to `stop`: its trailing comment, and comments that belong
    to its last body.

    `joined`: it shares its first line with the statement before it.
    """

    node: ir.Statement
    lead: int
    line: int
    start: int
    end: int
    stop: int
    joined: bool = False


def statement_start(source: SourceText, node: ir.Statement) -> int:
    """The offset at which a statement starts, its first decorator included."""
    assert node.span is not None
    start = source.range(node.span)[0]
    if isinstance(node, ir.FunctionDef | ir.ClassDef):
        for decorator in node.decorators[:1]:
            if decorator.span is not None:
                first = source.range(decorator.span)[0]
                at = source.text.rfind("@", 0, first)
                start = min(start, at) if first < start and at >= 0 else start
    return start


def header_start(source: SourceText, node: ir.Statement) -> int:
    """The offset of the `def` or `class` after the decorators; the start of any other statement."""
    assert node.span is not None
    start = source.range(node.span)[0]
    if isinstance(node, ir.FunctionDef | ir.ClassDef) and node.decorators:
        depth = 0
        for token in solid(source.text, statement_start(source, node)):
            if token.text in ("(", "[", "{"):
                depth += 1
            elif token.text in (")", "]", "}"):
                depth -= 1
            elif depth == 0 and token.text in ("def", "class", "async"):
                return token.start
    return start


def line_tail(source: SourceText, end: int) -> int:
    """The offset after the white space, semicolon, comment and line end that follow a statement."""
    for token in tokens(source.text, end):
        if token.kind == "newline":
            return token.end
        if token.kind in ("space", "comment") or token.text == ";":
            continue
        return token.start
    return len(source.text)


def tail_comments(source: SourceText, stop: int, column: int, limit: int) -> int:
    """The end of the comment lines after `stop` that are indented deeper than `column`."""
    end = at = stop
    text = source.text
    while at < limit:
        match = _LINE.match(text, at)
        assert match is not None
        content = match.group().strip()
        if content and not content.startswith("#"):
            break
        if content:
            if len(match.group()) - len(match.group().lstrip(" \t\f")) <= column:
                break
            end = match.end()
        if match.end() == at:
            break
        at = match.end()
    return min(end, limit)


def survey(source: SourceText, body: Sequence[ir.Statement], start: int, limit: int) -> list[Plot]:
    """The plots of a body whose text is between two offsets."""
    plots: list[Plot] = []
    at = start
    for node in body:
        if node.span is None:
            continue
        begin = statement_start(source, node)
        end = source.range(node.span)[1]
        line = source.line_start(begin)
        joined = line < at
        stop = max(line_tail(source, end), end)
        compound = isinstance(node, _COMPOUND)
        if compound and stop <= limit and source.text[stop - 1 : stop] in ("\n", "\r"):
            stop = tail_comments(source, stop, begin - line, limit)
        if joined and not plots:
            line = begin  # the body starts on the line of its header
        plots.append(Plot(node, min(at, begin), max(line, at), begin, end, stop, joined))
        at = stop
    return plots


_COMPOUND = (ir.If, ir.For, ir.While, ir.With, ir.Try, ir.FunctionDef, ir.ClassDef)


def colon(text: str, start: int) -> int:
    """The offset after the colon that ends the header starting at `start`."""
    depth = lambdas = 0
    for token in solid(text, start):
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        elif depth == 0 and token.text == "lambda":
            lambdas += 1
        elif depth == 0 and token.text == ":":
            if not lambdas:
                return token.end
            lambdas -= 1
    return len(text)


def clause(text: str, start: int) -> int:
    """The offset of the `else`, `elif`, `except` or `finally` after a body that ends at `start`."""
    for token in solid(text, start):
        if token.text != ";":
            return token.start
    return len(text)


def lead_of_else(source: SourceText, line: int) -> tuple[str, str]:
    """The comments above an `else:` that ends where `line` starts, and their indentation: they are
    about what comes after it."""
    text = source.text
    start = _line_before(source, line)
    if not _ELSE.fullmatch(text[start:line].strip()):
        return "", ""
    indentation = source.indentation(start)
    at = start
    while at > 0:
        before = _line_before(source, at)
        content = text[before:at]
        if not content.startswith(f"{indentation}#"):
            break
        at = before
    return text[at:start], indentation


def _line_before(source: SourceText, at: int) -> int:
    """Where the line starts that ends at `at`."""
    end = at - 2 if source.text[max(at - 2, 0) : at] == "\r\n" else at - 1
    return source.line_start(max(end, 0))


def split_lead(lead: str) -> tuple[str, str]:
    """The lines above a statement.

    Those that stand for themselves, and the comments attached to it.
    """
    lines = lead.splitlines(keepends=True) if "\f" not in lead else re.findall(_LINE, lead)
    at = len(lines)
    while at > 0 and lines[at - 1].strip().startswith("#"):
        at -= 1
    return "".join(lines[:at]), "".join(lines[at:])
