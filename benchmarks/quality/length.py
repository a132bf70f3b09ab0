"""How long code is: the lines of what an entry point uses in its own file."""

from __future__ import annotations

import ast
import subprocess
import sys

_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(source: str, entry: str) -> int:
    """Lines of the definitions that `entry` reaches in `source`, without comments, docstrings and
    blank lines, all formatted alike (ruff, 100 columns).

    Raises KeyError where nothing at the top level has this name, SyntaxError for bad source.
    """
    definitions = {n.name: n for n in ast.parse(source).body if isinstance(n, _DEFINITIONS)}
    reached: list[str] = []
    open_names = [entry]
    while open_names:
        name = open_names.pop()
        if name in reached:
            continue
        reached.append(name)
        used = {n.id for n in ast.walk(definitions[name]) if isinstance(n, ast.Name)}
        open_names += sorted(used & set(definitions))
    kept = [node for name, node in definitions.items() if name in reached]
    text = formatted("\n".join(ast.unparse(_without_docstrings(node)) for node in kept))
    return sum(bool(line.strip()) for line in text.splitlines())


def formatted(text: str) -> str:
    """The text as ruff lays it out."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def _without_docstrings(node: ast.stmt) -> ast.stmt:
    for inner in ast.walk(node):
        if not isinstance(inner, _DEFINITIONS):
            continue
        match inner.body:
            case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                inner.body = rest or [ast.Pass()]
            case _:
                pass
    return node
