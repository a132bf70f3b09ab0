"""Operators as documents: in brackets they break before each operator of one precedence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir import nodes as ir
from .layout import LINE, Doc, Group
from .shapes import BINARY_PRECEDENCE, Precedence, is_simple_power, precedence

if TYPE_CHECKING:
    from .expressions import ExpressionPrinter

P = Precedence


def operators_doc(printer: ExpressionPrinter, node: ir.Expression, inside: bool) -> Doc:
    """A chain of operators of one precedence; in brackets it breaks before each of them."""
    line = LINE if inside else " "
    parts: list[tuple[str, ir.Expression, int]] = []
    match node:
        case ir.Boolean():
            parts = _boolean_parts(node)
        case ir.Compare():
            parts = [("", node.left, P.COMPARE + 1)]
            pairs = zip(node.operators, node.comparators, strict=True)
            parts += [(operator, right, P.COMPARE + 1) for operator, right in pairs]
        case ir.Binary() if node.operator == "**":
            if is_simple_power(node.left) and is_simple_power(node.right):
                left = printer.doc(node.left, P.POWER + 1, inside)
                return (left, "**", printer.doc(node.right, P.UNARY, inside))
            parts = [("", node.left, P.POWER + 1), ("**", node.right, P.UNARY)]
        case ir.Binary():
            rank = BINARY_PRECEDENCE[node.operator]
            current: ir.Expression = node
            while isinstance(current, ir.Binary) and current.operator != "**":
                if BINARY_PRECEDENCE[current.operator] != rank:
                    break
                parts.append((current.operator, current.right, rank + 1))
                current = current.left
            parts.append(("", current, rank))
            parts.reverse()
        case _:
            raise TypeError(type(node).__name__)
    out: list[Doc] = [printer.doc(parts[0][1], parts[0][2], inside)]
    for operator, operand, rank in parts[1:]:
        out += [line, operator + " ", printer.doc(operand, rank, inside)]
    return Group(tuple(out)) if inside else tuple(out)


def _boolean_parts(node: ir.Boolean) -> list[tuple[str, ir.Expression, int]]:
    """The operands; those of an `and` within an `or` stand in the same row."""
    rank = P.OR if node.operator == "or" else P.AND
    parts: list[tuple[str, ir.Expression, int]] = []
    for operand in node.operands:
        inner = [(node.operator, operand, rank + 1)]
        if isinstance(operand, ir.Boolean) and precedence(operand) > rank:
            inner = _boolean_parts(operand)
            inner[0] = (node.operator, *inner[0][1:])
        parts += inner
    return parts


def conditional_doc(printer: ExpressionPrinter, node: ir.Conditional, inside: bool) -> Doc:
    line = LINE if inside else " "
    then = printer.doc(node.then, P.CONDITIONAL + 1, inside)
    test = printer.doc(node.test, P.CONDITIONAL + 1, inside)
    otherwise = printer.doc(node.otherwise, P.TEST, inside)
    out: Doc = (then, line, "if ", test, line, "else ", otherwise)
    return Group(out) if inside else out
