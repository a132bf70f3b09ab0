"""Patches of f-strings: the expressions in their fields are replaced, the rest stays as written."""

from __future__ import annotations

from ...ir import nodes as ir
from .edits import CannotPatch, Edit
from .expressions import ExpressionPrinter, nothing_verbatim
from .layout import flat
from .originals import Originals
from .shapes import Precedence
from .source import field_end, scan

P = Precedence


def fstring_edits(
    originals: Originals,
    printer: ExpressionPrinter,
    new: ir.FormattedString,
    old: ir.FormattedString,
) -> list[Edit]:
    """Replace the expressions in the fields, when they can be told apart in the text."""
    if old.span is None or new.formats != old.formats or len(new.parts) != len(old.parts):
        raise CannotPatch
    text = originals.source.text
    start, end = originals.source.range(old.span)
    fields: list[tuple[int, int, str]] = []
    for token in scan(text, start, end):
        if token.kind == "string":
            fields += _fields(text, token.start, token.end)
    new_fields: list[ir.Expression] = []
    for a, b in zip(new.parts, old.parts, strict=True):
        if isinstance(a, ir.Constant) and isinstance(b, ir.Constant):
            if not originals.same(a, b):
                raise CannotPatch
            continue
        new_fields.append(a)
    old_fields = [p for p in old.parts if not isinstance(p, ir.Constant)]
    if not len(fields) == len(new_fields) == len(old_fields):
        raise CannotPatch
    out: list[Edit] = []
    for a, b, (low, high, quote) in zip(new_fields, old_fields, fields, strict=True):
        if originals.same(a, b):
            continue
        field = fstring_field(printer, a, quote)
        if quote in field or "\\" in field or "\n" in field:
            raise CannotPatch
        out.append(Edit(low, high, field))
    return out


def fstring_field(printer: ExpressionPrinter, node: ir.Expression, quote: str) -> str:
    """An interpolated expression on one line; its strings avoid the quotes around it."""
    text = flat(printer.quoting(quote).doc(node, P.CONDITIONAL))
    if quote in text:
        text = flat(printer.quoting(quote, nothing_verbatim).doc(node, P.CONDITIONAL))
    return f" {text}" if text.startswith("{") else text


def _fields(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """The expressions of one f-string token and its quotes."""
    quote_at = next(i for i in range(start, end) if text[i] in "\"'")
    if "f" not in text[start:quote_at].lower():
        return []
    quote = text[quote_at] * (3 if text.startswith(text[quote_at] * 3, quote_at) else 1)
    out: list[tuple[int, int, str]] = []
    at = quote_at + len(quote)
    while at < end - len(quote):
        if text.startswith(("{{", "}}"), at) or text[at] == "\\":
            at += 2
        elif text[at] == "{":
            stop, after = field_end(text, at + 1)
            out.append((at + 1, stop, quote))
            at = after
        else:
            at += 1
    return out
