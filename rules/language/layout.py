"""Reduces line ends and indentation to three tokens, so that the grammar is free of white space.

A record starts in column 1; its clauses share one deeper column; what is deeper still continues the
clause. Line ends inside brackets, and after `,` `->` `=>`, do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token
from lark.lark import PostLex

LISTS = frozenset({"WEIGHTS", "EACH"})
"""Clauses whose continuation lines are entries of their own."""
JOINING = frozenset({"COMMA", "_FAT", "_ARROW"})
OPENING = frozenset({"LPAR", "LSQB", "LBRACE"})
CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})


class LayoutError(Exception):
    """Wrong indentation, at a line and column that count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class Layout(PostLex):
    """Holds no state: each call of `process` is one file."""

    always_accept = ("_LINE_END",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        indent = 0
        clause = ""
        previous = ""
        token = None
        for token in stream:
            if token.type in OPENING:
                depth += 1
            elif token.type in CLOSING:
                depth -= 1
            if token.type != "_LINE_END":
                if previous in ("_LINE", ""):
                    clause = token.type
                if previous == "" and (token.column or 1) > 1:
                    raise _error(token, "a record starts in the first column")
                previous = token.type
                yield token
                continue
            if not previous or depth > 0 or previous in JOINING:
                continue
            column = _indentation(token)
            if column == 0:
                yield Token.new_borrow_pos("_END", "", token)
                indent, previous = 0, ""
            elif indent == 0 or column == indent:
                indent = column
                yield Token.new_borrow_pos("_LINE", "", token)
                previous = "_LINE"
            elif column < indent:
                raise _error(token, "the clauses of a record start in the same column")
            elif clause in LISTS:
                yield Token.new_borrow_pos("_CONT", "", token)
        if previous and token is not None:
            yield Token.new_borrow_pos("_END", "", token)


def _error(token: Token, message: str) -> LayoutError:
    if token.type == "_LINE_END":
        return LayoutError(message, token.end_line or 1, token.end_column or 1)
    return LayoutError(message, token.line or 1, token.column or 1)


def _indentation(token: Token) -> int:
    """The column of what follows the line end, in characters from 0."""
    last = token.value.rpartition("\n")[2]
    return len(last.partition("#")[0].expandtabs(4))
