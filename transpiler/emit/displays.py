"""Slices, displays and comprehensions as documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from .layout import LINE, SOFT, Doc, Group, IfBreak, Indent, join
from .shapes import Precedence, is_simple_slice

if TYPE_CHECKING:
    from .expressions import ExpressionPrinter

P = Precedence


def slice_doc(printer: ExpressionPrinter, node: ir.Slice) -> Doc:
    bounds = (node.lower, node.upper, node.step)
    spaced = not all(is_simple_slice(b) for b in bounds if b is not None)
    out: list[Doc] = []
    if node.lower is not None:
        out += [printer.doc(node.lower), " " if spaced else ""]
    out.append(":")
    if node.upper is not None:
        out += [" " if spaced else "", printer.doc(node.upper)]
    if node.step is not None:
        after_upper = spaced and node.upper is not None
        out += [" :" if after_upper else ":", " " if spaced else "", printer.doc(node.step)]
    return tuple(out)


def display_doc(
    printer: ExpressionPrinter, left: str, elements: Sequence[ir.Expression], right: str
) -> Doc:
    if not elements:
        return left + right
    items = join([printer.doc(e, P.NAMED) for e in elements], (",", LINE))
    return Group((left, Indent((SOFT, items, IfBreak(","))), SOFT, right))


def tuple_doc(printer: ExpressionPrinter, node: ir.Tuple, bare: bool) -> Doc:
    if not node.elements:
        return "()"
    items = [printer.doc(e, P.NAMED) for e in node.elements]
    if bare:
        tail: Doc = "," if len(items) == 1 else IfBreak(",")
        return Group((join(items, (",", LINE)), tail))
    if len(items) == 1:
        return Group(("(", Indent((SOFT, items[0], ",")), SOFT, ")"))
    return Group(("(", Indent((SOFT, join(items, (",", LINE)), IfBreak(","))), SOFT, ")"))


def dict_doc(printer: ExpressionPrinter, node: ir.Dict) -> Doc:
    if not node.values:
        return "{}"
    items: list[Doc] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            items.append(("**", printer.doc(value, P.OR_BITS)))
        else:
            items.append((printer.doc(key), ": ", printer.doc(value)))
    return Group(("{", Indent((SOFT, join(items, (",", LINE)), IfBreak(","))), SOFT, "}"))


def comprehension_doc(printer: ExpressionPrinter, node: ir.Comprehension) -> Doc:
    left, right = {"list": "[]", "generator": "()"}.get(node.kind, "{}")
    out: list[Doc] = [printer.doc(node.element, P.NAMED)]
    if node.value is not None:
        out += [": ", printer.doc(node.value)]
    for clause in node.generators:
        target = printer.doc(clause.target, P.NAMED, bare_tuple=True)
        out += [LINE, "for ", target, " in ", printer.doc(clause.iterable, P.CONDITIONAL + 1)]
        for condition in clause.conditions:
            out += [LINE, "if ", printer.doc(condition, P.CONDITIONAL + 1)]
    return Group((left, Indent((SOFT, Group(tuple(out)))), SOFT, right))
