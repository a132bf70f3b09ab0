"""IR -> text: S-expressions, one statement a line. `parser` reads them back.

    (def call [(param self) (param x)] [
      (return (op tf.nn.relu {features=x} [] @tf.nn.relu))])

`x` is a name, `@tf.nn.relu` a symbol, `&pkg.module:name` a reference, literals are constants; other
nodes are `(kind fields...)`, fields with defaults as `name=value`, `-` where there is no node.
Spans follow as `@1:1-2:9`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .nodes import Constant, Handler, Name, Node, Reference, Statement, Symbol
from .schema import WORDS, Field, schema
from .span import Span

_WORD = re.compile(r"[^\s()\[\]{}\"@&=0-9.'-][^\s()\[\]{}\"@=]*|[=!<>]=|[-*/<>]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
ABSENT = "-"  # no node here
_CONSTANTS = ("None", "True", "False", "...")


def print_ir(node: Node, *, spans: bool = False) -> str:
    """The text of a node and all below it, with a line end after it."""
    return _node(node, 0, spans) + "\n"


def span_text(span: Span) -> str:
    """`@line:column-line:column`, columns from 1 as in diagnostics."""
    return f"@{span.start_line}:{span.start_column + 1}-{span.end_line}:{span.end_column + 1}"


def _node(node: Node, depth: int, spans: bool) -> str:
    suffix = span_text(node.span) if spans and node.span is not None else ""
    return _atom(node) + suffix if _is_atom(node) else _composite(node, depth, spans) + suffix


def _is_atom(node: Node) -> bool:
    match node:
        case Constant(value=value):
            return value is None or value is ... or isinstance(value, _LITERALS)
        case Name(id=id):
            return id.isidentifier() and id not in _CONSTANTS
        case Symbol(path=path):
            return _DOTTED.fullmatch(path) is not None
        case Reference(module=module, name=name):
            return all(_DOTTED.fullmatch(part) for part in (module, name)) and "." not in name
        case _:
            return False


_LITERALS = (bool, int, float, complex, str, bytes)


def _atom(node: Node) -> str:
    match node:
        case Constant(value=value):
            return literal(value)
        case Name(id=id):
            return id
        case Symbol(path=path):
            return f"@{path}"
        case Reference(module=module, name=name):
            return f"&{module}:{name}"
        case _:
            raise TypeError(node)


def literal(value: Any) -> str:
    """A constant as text."""
    match value:
        case str():
            return quoted(value)
        case bytes():
            return "b" + quoted(value.decode("latin-1"))
        case complex():
            return f"#complex[{value.real!r},{value.imag!r}]"
        case float():
            return f"#float[{value!r}]" if value in (_INFINITY, -_INFINITY) else repr(value)
        case None | bool() | int():
            return repr(value)
        case _ if value is ...:
            return "..."
        case _:
            raise TypeError(f"no literal: {value!r}")


_INFINITY = float("inf")


def quoted(text: str) -> str:
    """A string in double quotes, escaped as in JSON; characters beyond ASCII stay."""
    return _SURROGATE.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _word(text: str) -> str:
    plain = _WORD.fullmatch(text) is not None and text not in _CONSTANTS
    return text if plain else quoted(text)


def _composite(node: Node, depth: int, spans: bool) -> str:
    parts = [WORDS[type(node)]]
    for field in schema(type(node)):
        value = getattr(node, field.name)
        if not field.required and value == field.default:
            continue
        text = _field(field, value, depth, spans)
        parts.append(text if field.required else f"{field.name}={text}")
    return f"({' '.join(parts)})"


def _field(field: Field, value: Any, depth: int, spans: bool) -> str:
    if field.form == "table":
        return "{" + " ".join(f"{k}={_node(v, depth, spans)}" for k, v in value.items()) + "}"
    if field.form == "many":
        if field.kind is not None and issubclass(field.kind, Statement | Handler) and value:
            indent = "\n" + "  " * (depth + 1)
            return "[" + "".join(indent + _node(item, depth + 1, spans) for item in value) + "]"
        return "[" + " ".join(_one(field, item, depth, spans) for item in value) + "]"
    return _one(field, value, depth, spans)


def _one(field: Field, value: Any, depth: int, spans: bool) -> str:
    if isinstance(value, Node):
        return _node(value, depth, spans)
    if field.kind is not None:
        return ABSENT
    if field.text and isinstance(value, str):
        return _word(value)
    return literal(value)
