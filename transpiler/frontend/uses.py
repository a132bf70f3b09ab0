"""Where a module imports, and how it uses names: plain walks over the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .bindings import nested_bodies


def attribute_chains(tree: ast.AST) -> dict[str, set[tuple[str, ...]]]:
    """The attribute chains read from each name: `{"a": {("b", "c")}}` for `a.b.c`, `()` for `a`."""
    found: dict[str, set[tuple[str, ...]]] = {}
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        chain: list[str] = []
        while isinstance(node, ast.Attribute):
            chain.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            found.setdefault(node.id, set()).add(tuple(reversed(chain)))
        else:
            stack.extend(ast.iter_child_nodes(node))
    return found


def import_statements(body: Sequence[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import statement in a body, at any depth."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from import_statements(node.body)
        else:
            for nested in nested_bodies(node):
                yield from import_statements(nested)
