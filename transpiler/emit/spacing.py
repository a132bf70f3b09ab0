"""Blank lines between statements, as `ruff format` and its import sorter want them."""

from __future__ import annotations

from ...ir import nodes as ir
from .blocks import bodies


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


def _ends_in_definition(node: ir.Statement) -> bool:
    while not is_definition(node):
        last = [body for body in bodies(node) if body]
        if not last:
            return False
        node = last[-1][-1]
    return True


def blank_lines_between(before: ir.Statement, after: ir.Statement, owner: str, first: bool) -> int:
    """How many blank lines separate two statements of which one is new.

    `owner` is what the body belongs to: "module", "class", "function" or "block"; `first`: is
    `before` the first statement of the body?
    """
    if _ends_in_definition(before) or is_definition(after):
        return 2 if owner == "module" else 1
    if isinstance(before, ir.Import) and not isinstance(after, ir.Import):
        return 1
    return int(owner in ("module", "class") and first and is_docstring(before))


def blank_lines_at_start(first: ir.Statement, owner: str) -> int:
    """How many blank lines stand between the header of a body and a new first statement."""
    return int(owner == "block" and is_definition(first))


def split_blank(lead: str) -> tuple[str, str]:
    """The blank lines at the start of a lead, and the rest."""
    lines = lead.splitlines(keepends=True)
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    return "".join(lines[:at]), "".join(lines[at:])
