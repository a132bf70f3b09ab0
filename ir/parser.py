"""Text that `printer` wrote -> IR."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .nodes import Constant, Name, Node, Reference, Symbol
from .printer import ABSENT
from .schema import KINDS, Field, schema
from .span import Span

_TOKEN = re.compile(
    r"""
      (?P<space>   [ \t\r\n]+ )
    | (?P<span>    @(\d+):(\d+)-(\d+):(\d+) )
    | (?P<symbol>  @[\w.]+ )
    | (?P<ref>     &[\w.]+:\w+ )
    | (?P<bytes>   b"(?:[^"\\]|\\.)*" )
    | (?P<string>  "(?:[^"\\]|\\.)*" )
    | (?P<complex> \#complex\[[^\]]*\] )
    | (?P<float>   \#float\[[^\]]*\] )
    | (?P<key>     [^\W\d]\w*= )
    | (?P<mark>    [()\[\]{}] )
    | (?P<word>    [^\s()\[\]{}"@]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True, eq=False)
class IrSyntaxError(Exception):
    """The text is no IR; `offset` counts characters from 0."""

    message: str
    offset: int

    def __str__(self) -> str:
        return f"{self.message} at offset {self.offset}"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse_ir(text: str) -> Node:
    """Reads one node. Raises IrSyntaxError."""
    reader = _Reader(_tokens(text), len(text))
    node = reader.node()
    if reader.peek().kind != "end":
        raise IrSyntaxError("text after the end", reader.peek().offset)
    return node


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise IrSyntaxError(f"unexpected {text[offset]!r}", offset)
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(kind, match.group(), offset))
        offset = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._end = _Token("end", "", length)
        self._next = 0

    def peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def take(self, text: str | None = None) -> _Token:
        token = self.peek()
        if token.kind == "end" or (text is not None and token.text != text):
            wanted = "more text" if text is None else f"`{text}`"
            raise IrSyntaxError(f"expected {wanted}, found `{token.text}`", token.offset)
        self._next += 1
        return token

    def node(self) -> Node:
        token = self.take()
        node = self._composite() if token.text == "(" and token.kind == "mark" else _atom(token)
        if self.peek().kind == "span":
            node.span = _span(self.take().text)
        return node

    def _composite(self) -> Node:
        word = self.take()
        kind = KINDS.get(word.text)
        if kind is None:
            raise IrSyntaxError(f"no node kind `{word.text}`", word.offset)
        values: dict[str, Any] = {}
        fields = schema(kind)
        for field in fields:
            if field.required:
                values[field.name] = self._field(field)
        by_name = {field.name: field for field in fields if not field.required}
        while self.peek().text != ")":
            key = self.take()
            field = by_name.get(key.text.removesuffix("="))
            if key.kind != "key" or field is None:
                raise IrSyntaxError(f"unexpected `{key.text}` in `{word.text}`", key.offset)
            values[field.name] = self._field(field)
        self.take(")")
        return kind(**values)

    def _field(self, field: Field) -> Any:
        if field.form == "table":
            return self._table()
        if field.form == "many":
            return tuple(self._items("[", "]", lambda: self._one(field)))
        return self._one(field)

    def _one(self, field: Field) -> Any:
        token = self.peek()
        if field.kind is not None:
            if token.text != ABSENT or not field.optional:
                return self.node()
            self.take()
            return None
        token = self.take()
        if not field.text:
            return _literal(token)
        if token.kind == "string":
            return json.loads(token.text, strict=False)
        if token.text == "None":
            return None
        if token.kind not in ("word", "key"):
            raise IrSyntaxError(f"expected text, found `{token.text}`", token.offset)
        return token.text

    def _table(self) -> dict[str, Node]:
        def entry() -> tuple[str, Node]:
            key = self.take()
            if key.kind != "key":
                raise IrSyntaxError(f"expected `name=`, found `{key.text}`", key.offset)
            return key.text[:-1], self.node()

        return dict(self._items("{", "}", entry))

    def _items(self, start: str, end: str, read: Callable[[], Any]) -> list[Any]:
        self.take(start)
        items: list[Any] = []
        while self.peek().text != end:
            items.append(read())
        self.take(end)
        return items


def _span(text: str) -> Span:
    start_line, start, end_line, end = (int(number) for number in re.findall(r"\d+", text))
    return Span(start_line, start - 1, end_line, end - 1)


def _atom(token: _Token) -> Node:
    match token.kind:
        case "symbol":
            return Symbol(token.text[1:])
        case "ref":
            module, _, name = token.text[1:].partition(":")
            return Reference(module, name)
        case "word" if token.text.isidentifier() and token.text not in ("None", "True", "False"):
            return Name(token.text)
        case _:
            return Constant(_literal(token))


def _literal(token: _Token) -> Any:
    text = token.text
    match token.kind, text:
        case "string", _:
            return json.loads(text, strict=False)
        case "bytes", _:
            return json.loads(text[1:], strict=False).encode("latin-1")
        case "complex", _:
            real, imaginary = text[len("#complex[") : -1].split(",")
            return complex(float(real), float(imaginary))
        case "float", _:
            return float(text[len("#float[") : -1])
        case "word", "None" | "True" | "False" | "...":
            return {"None": None, "True": True, "False": False, "...": ...}[text]
        case "word", _:
            try:
                return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
            except ValueError:
                pass
        case _:
            pass
    raise IrSyntaxError(f"no literal: `{text}`", token.offset)
