"""The order of imports, that of `ruff check --select I` with its defaults."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from ...ir import nodes as ir

FUTURE, STANDARD, THIRD_PARTY, PROJECT, LOCAL = range(5)


def section(node: ir.Import, is_project: Callable[[str], bool]) -> int:
    """The section of an import; sections are separated by one blank line."""
    if node.level:
        return LOCAL
    module = node.module if node.module is not None else node.names[0].name
    if module == "__future__":
        return FUTURE
    if module.partition(".")[0] in sys.stdlib_module_names:
        return STANDARD
    return PROJECT if is_project(module) else THIRD_PARTY


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    pieces = re.findall(r"\d+|\D+", text.lower())
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pieces)


def order_key(node: ir.Import, is_project: Callable[[str], bool]) -> tuple[object, ...]:
    """Sorts import statements: by section, `import` before `from`, by module."""
    is_from = node.module is not None
    module = node.module if node.module is not None else node.names[0].name
    # More dots first: `from .. import a` comes before `from . import a`.
    alias = node.names[0].alias or ""
    distance = -node.level if node.level else 0
    return (section(node, is_project), is_from, distance, _natural(module), module, alias)


def member_key(alias: ir.ImportAlias) -> tuple[object, ...]:
    """Sorts the names of one `from` import: constants, classes, then the rest."""
    name = alias.name
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (kind, _natural(name), name, alias.alias or "")
