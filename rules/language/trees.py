"""Access to lark's trees: texts with their places."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from lark import Token, Tree

from .errors import Place
from .template import Text

Branch = Tree[Token]


def branches(tree: Branch) -> list[Branch]:
    """The subtrees, without tokens and absent optional parts."""
    return [c for c in tree.children if isinstance(c, Tree)]


def trees(tree: Branch, name: str) -> list[Branch]:
    return [c for c in tree.children if isinstance(c, Tree) and c.data == name]


def tokens(tree: Branch, name: str) -> list[Token]:
    return [c for c in tree.children if isinstance(c, Token) and c.type == name]


class StringError(Exception):
    """A string token that is none, at a line and column that count from 1."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, token.line or 1, token.column or 1


def unquote(token: Token) -> str:
    """The value of a string token. Raises StringError for a bad escape."""
    try:
        value = str(ast.literal_eval(str(token)))
        value.encode()
    except (SyntaxError, ValueError) as error:
        reason = getattr(error, "msg", None) or "it holds half a character"
        raise StringError(f"not a string: {reason}", token) from None
    return value


@dataclass(frozen=True, slots=True)
class Reader:
    """The text of one file."""

    text: str
    path: str

    def place(self, token: Token) -> Place:
        return Place(self.path, token.line or 1, token.column or 1)

    def chunk(self, tree: Branch) -> Text:
        """The source text under a tree."""
        meta = tree.meta
        place = Place(self.path, meta.line, meta.column)
        return Text(self.text[meta.start_pos : meta.end_pos], place)

    def between(self, first: Branch, last: Branch) -> Text:
        """The source text from the start of one tree to the end of another."""
        start, end = first.meta, last.meta
        place = Place(self.path, start.line, start.column)
        return Text(self.text[start.start_pos : end.end_pos], place)
