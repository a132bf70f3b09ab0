"""The helper functions that outputs carry along, and the text of the module made of them.

Their rules are in `rules/helpers/README.md`. Helper files are data here: read, never imported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "helpers"
HEADER = '"""Functions of TensorFlow / Keras that JAX has no counterpart for."""'


@dataclass(frozen=True, slots=True)
class Helper:
    """One helper file. `names` are public; `requires` are names of other helpers."""

    stem: str
    names: tuple[str, ...]
    requires: tuple[str, ...]
    imports: tuple[str, ...]
    body: str


def read_helper(path: Path) -> Helper:
    """Raises SyntaxError for a file that is not Python."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    names: list[str] = []
    requires: list[str] = []
    imports: list[str] = []
    last_import = 0
    for node in ast.parse(text).body:
        match node:
            case ast.ImportFrom(level=1, names=found):
                requires += [alias.name for alias in found]
            case ast.Import(names=found):
                imports += [f"import {_alias(alias)}" for alias in found]
            case ast.ImportFrom(module=module, names=found):
                imports += [f"from {module} import {_alias(alias)}" for alias in found]
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if not name.startswith("_"):
                    names.append(name)
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if not name.startswith("_"):
                names.append(name)
                continue
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                continue
        last_import = node.end_lineno or 0
    body = "\n".join(lines[last_import:]).strip("\n")
    return Helper(path.stem, tuple(names), tuple(requires), tuple(imports), body)


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


@cache
def _library(folder: Path) -> dict[str, Helper]:
    helpers = (read_helper(path) for path in sorted(folder.glob("*.py")))
    return {name: helper for helper in helpers for name in helper.names}


def helper_names(folder: Path = FOLDER) -> Collection[str]:
    """The names that templates may use after `compat.`."""
    return _library(folder).keys()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def helper_default(name: str, parameter: str, folder: Path = FOLDER) -> str | None:
    """The default of a keyword parameter of a helper, as a template spells it; None if it has
    none."""
    helper = _library(folder).get(name)
    if helper is None:
        return None
    tree = _tree(folder / f"{helper.stem}.py")
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name != name:
            continue
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        wanted = "__init__" if isinstance(node, ast.ClassDef) else name
        for function in inner:
            if isinstance(function, ast.FunctionDef) and function.name == wanted:
                found = _defaults(function).get(parameter)
                if isinstance(found, ast.Name):
                    is_helper = found.id in _library(folder)
                    prefix = "compat." if is_helper else ""
                    return prefix + ast.unparse(constants.get(found.id, found))
                return None if found is None else ast.unparse(found)
    return None


def _defaults(function: ast.FunctionDef) -> dict[str, ast.expr]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    given = dict(zip(positional[::-1], arguments.defaults[::-1], strict=False))
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    given |= {a: d for a, d in keywords if d is not None}
    return {a.arg: d for a, d in given.items()}


def helper_module(names: Iterable[str], folder: Path = FOLDER) -> str:
    """The text of a module with these helpers and what they require.

    Raises KeyError for a name that no helper has.
    """
    library = _library(folder)
    chosen: dict[str, Helper] = {}

    def visit(name: str) -> None:
        helper = library[name]
        if helper.stem not in chosen:
            for required in helper.requires:
                visit(required)
            chosen[helper.stem] = helper

    for name in sorted(names):
        visit(name)
    imports = {line for helper in chosen.values() for line in helper.imports}
    third = {line for line in imports if _is_third_party(line)}
    groups = ["\n".join(_merged(group)) for group in (imports - third, third) if group]
    bodies = "\n\n\n".join(helper.body for helper in chosen.values())
    return "\n\n".join([HEADER, *groups]) + ("\n\n\n" + bodies if bodies else "") + "\n"


def _merged(lines: Iterable[str]) -> list[str]:
    """Plain imports, then `from` imports, one line a module, in isort's order."""
    plain = sorted(line for line in lines if line.startswith("import "))
    modules: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            modules.setdefault(module, []).append(name)
    return plain + [f"from {m} import {', '.join(sorted(modules[m]))}" for m in sorted(modules)]


def _is_third_party(line: str) -> bool:
    return line.split()[1].partition(".")[0] in ("jax", "flax", "numpy", "optax")
