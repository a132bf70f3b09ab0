"""Blank lines between statements, as `ruff format` and its import sorter want them."""

from __future__ import annotations

from ...ir import nodes as ir


def is_definition(node: ir.Statement) -> bool:
    """A function or class."""
    return isinstance(node, ir.FunctionDef | ir.ClassDef)


def is_docstring(node: ir.Statement) -> bool:
    """A string that stands alone."""
    return (
        isinstance(node, ir.ExpressionStatement)
        and isinstance(node.value, ir.Constant)
        and isinstance(node.value.value, str)
    )


def blank_lines_between(before: ir.Statement, after: ir.Statement, top: bool) -> int:
    """How many blank lines separate two statements of which one is new."""
    if is_definition(before) or is_definition(after):
        return 2 if top else 1
    if isinstance(before, ir.Import) and not isinstance(after, ir.Import):
        return 1
    if top and is_docstring(before):
        return 1
    return 0


def split_blank(lead: str) -> tuple[str, str]:
    """The blank lines at the start of a lead, and the rest."""
    lines = lead.splitlines(keepends=True)
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    return "".join(lines[:at]), "".join(lines[at:])
