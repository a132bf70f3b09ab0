"""f-strings."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...ir import nodes as ir

if TYPE_CHECKING:
    from .context import Context

# Before 3.12 `ast` places what is inside an f-string wrongly in many cases.
_EXACT = sys.version_info >= (3, 12)


def formatted_string(
    ctx: Context, node: ast.JoinedStr, lower: Callable[[Context, ast.expr], ir.Expression]
) -> ir.Expression:
    """Lowers an f-string. Parts whose place is not certain have no span."""
    parts: list[ir.Expression] = []
    formats: list[str] = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            part = lower(ctx, value.value)
            if not _EXACT and not _placed(ctx, value.value):
                _forget_spans(part)
            parts.append(part)
            formats.append(_format(value))
        else:
            text = value.value if isinstance(value, ast.Constant) else ast.unparse(value)
            parts.append(ir.Constant(text))
            formats.append("")
    return ir.FormattedString(tuple(parts), tuple(formats), span=ctx.span(node))


def _placed(ctx: Context, node: ast.expr) -> bool:
    try:
        text = ctx.parsed.text_of(ctx.span(node))
        found = ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, IndexError):
        return False
    return ast.dump(found) == ast.dump(node)


def _forget_spans(node: ir.Node) -> None:
    for inner in ir.walk(node):
        inner.span = None


def _format(node: ast.FormattedValue) -> str:
    conversion = f"!{chr(node.conversion)}" if node.conversion != -1 else ""
    if node.format_spec is None:
        return conversion
    spec = ast.unparse(node.format_spec)
    # `unparse` gives f'...': the quotes it picked are not part of the text.
    return f"{conversion}:{spec[2:-1]}"
