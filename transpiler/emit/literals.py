"""Literals as text: strings with the quotes that need fewest escapes, numbers, f-strings."""

from __future__ import annotations

import inspect
import math
from typing import Any

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\x00"}


def _escape(text: str, quote: str) -> str:
    out: list[str] = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char == quote:
            out.append("\\" + char)
        elif char.isprintable():
            out.append(char)
        else:
            out.append(repr(char)[1:-1])
    return "".join(out)


def string_literal(text: str, prefer: str = '"') -> str:
    """A string in the preferred quotes, or in the others when that saves escapes."""
    other = "'" if prefer == '"' else '"'
    quote = other if text.count(prefer) > text.count(other) else prefer
    return quote + _escape(text, quote) + quote


def bytes_literal(value: bytes) -> str:
    """Bytes in double quotes, or in single ones when that saves escapes."""
    quote = "'" if value.count(b'"') > value.count(b"'") else '"'
    body = repr(value + b"\"'")[2:-4].replace("\\'", "'")  # both quotes: repr picks single ones
    return "b" + quote + body.replace(quote, "\\" + quote) + quote


def docstring_literal(text: str, indent: str) -> str:
    """A docstring in triple quotes, its lines indented as the code around it."""
    body = inspect.cleandoc(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = [line.rstrip() for line in body.split("\n")]
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    if len(lines) > 1 and text.rstrip(" \t").endswith("\n"):
        lines.append("")
    elif lines[-1].endswith('"'):
        lines[-1] = lines[-1][:-1] + '\\"'
    if len(lines) > 1 and text.lstrip(" \t").startswith("\n"):
        lines.insert(0, "")
    elif lines[0].startswith(('"', '\\"')):
        lines[0] = " " + lines[0]
    head, *rest = lines
    last = len(rest) - 1
    out = [head, *(indent + line if line or i == last else "" for i, line in enumerate(rest))]
    return '"""' + "\n".join(out) + '"""'


def constant_literal(value: Any, quote: str = '"') -> str:
    """The text of a constant. Infinities are written as overflowing literals, NaN as a call."""
    match value:
        case str():
            return string_literal(value, quote)
        case bytes():
            return bytes_literal(value)
        case float():
            if math.isnan(value):
                return f"float({quote}nan{quote})"
            return repr(value).replace("inf", "1e309").replace("e+", "e")
        case complex():
            return repr(value).strip("()").replace("inf", "1e309")
        case _:
            return "..." if value is ... else repr(value)


def fstring_literal(parts: list[tuple[str, str | None]], prefix: str = "f") -> str:
    """An f-string of literal pieces `(text, None)` and fields `(expression, format)`.

    The quotes are those that no field contains: reusing them inside needs Python 3.12.
    """
    fields = "".join(text + (spec or "") for text, spec in parts if spec is not None)
    literal = "".join(text for text, spec in parts if spec is None)
    plain = ['"', "'"] if literal.count('"') <= literal.count("'") else ["'", '"']
    quotes = [q for q in (*plain, '"""', "'''") if q not in fields]
    quote = quotes[0] if quotes else plain[0]
    out: list[str] = []
    for text, spec in parts:
        if spec is None:
            out.append(_escape(text, quote).replace("{", "{{").replace("}", "}}"))
        else:
            space = " " if text.startswith("{") else ""
            out.append("{" + space + text + spec + "}")
    return prefix + quote + "".join(out) + quote
