"""Slips of candidates that need no model to mend: a function looked for in the wrong module,
imports of what is there anyway, variables that nothing reads. Tests decide what comes of it."""

from __future__ import annotations

import ast

from .cards import functions, short
from .validators.names import MODULES, exists

PLAIN = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.Tuple),
    *(ast.expr_context, ast.unaryop),
)
"""What can be dropped with the variable that it is assigned to: it does nothing."""


def mend(code: str) -> str:
    """The code with its slips mended; as it is where there are none, or where it does not parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code
    before = ast.dump(tree)
    tree.body = [node for node in tree.body if not _needless(node)]
    tree = _Modules().visit(tree)
    while _drop_unread(tree):
        pass
    changed = ast.dump(tree) != before
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n" if changed else code


def _needless(node: ast.stmt) -> bool:
    """`import jnp`: the short names are no modules, and are there without an import."""
    return isinstance(node, ast.Import) and all(
        alias.name in MODULES and MODULES[alias.name] != alias.name and alias.asname is None
        for alias in node.names
    )


class _Modules(ast.NodeTransformer):
    """`jnp.rsqrt` is `lax.rsqrt`: where a module has no such function, the one that has."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        parts = _parts(node)
        if not parts or parts[0] not in MODULES:
            self.generic_visit(node)
            return node
        path = ".".join((MODULES[parts[0]], *parts[1:]))
        known = functions().get(node.attr)
        if exists(path) or known is None or any(exists(p) for p in _prefixes(parts)):
            return node
        return ast.parse(short(known[0]), mode="eval").body


def _parts(node: ast.expr) -> list[str]:
    """The names of a dotted path; empty for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def _prefixes(parts: list[str]) -> list[str]:
    """The paths that a longer one goes through and that may be values (`jnp.pi.real`)."""
    return [
        path
        for n in range(2, len(parts))
        if (path := ".".join((MODULES[parts[0]], *parts[1:n]))) not in MODULES.values()
        and not _is_module(path)
    ]


def _is_module(path: str) -> bool:
    return any(f.startswith(f"{path}.") for full in functions().values() for f in full)


def _drop_unread(tree: ast.Module) -> bool:
    """Takes out the assignments of names and numbers to variables that nothing reads."""
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    dropped = False
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        kept = [node for node in function.body if not _is_unread(node, read)]
        if kept and len(kept) < len(function.body):
            function.body, dropped = kept, True
    return dropped


def _is_unread(node: ast.stmt, read: set[str]) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name not in read and all(isinstance(n, PLAIN) for n in ast.walk(value))
        case _:
            return False
