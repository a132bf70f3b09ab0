"""What can be said of a candidate without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ..contract import Region
from .names import names
from .purity import purity
from .style import style
from .verdict import Verdict

Check = Callable[[ast.Module, str, Region], Verdict | None]
LONGEST, DEEPEST = 20_000, 60


def form(tree: ast.Module, code: str, region: Region) -> Verdict | None:
    """One function `region` with the operands as parameters, imports besides, nothing else."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    others = [
        n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.Import | ast.ImportFrom)
    ]
    if others or len(functions) != 1:
        return _wrong("the answer must be imports and one function", region)
    function = functions[0]
    wanted = [one.name for one in region.operands]
    given = function.args
    plain = not (given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs)
    if function.name != "region" or [a.arg for a in given.args] != wanted or not plain:
        return _wrong("the function must have exactly the signature asked for", region)
    if function.decorator_list or given.defaults:
        return _wrong("no decorators and no defaults", region)
    if not any(
        isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function)
    ):
        return _wrong("the function returns nothing", region)
    return None


def residue(tree: ast.Module, code: str, region: Region) -> Verdict | None:
    """No name of the source framework."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("tf", "tensorflow", "keras", "tf_keras"):
            message = f"`{node.id}` is TensorFlow; write JAX (line {node.lineno})"
            return Verdict(False, "residue", message)
    return None


STATIC: tuple[Check, ...] = (form, purity, residue, names, style)


def check_static(code: str, region: Region) -> Verdict | None:
    """The first refusal of the static checks, None when all of them pass."""
    if len(code) > LONGEST:
        return Verdict(False, "form", f"the answer is longer than {LONGEST} characters")
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return Verdict(False, "parse", f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Verdict(False, "parse", f"{type(error).__name__}: {error}")
    if _depth(tree) > DEEPEST:
        return Verdict(False, "parse", "the code nests too deeply")
    return next(_refusals(tree, code, region), None)


def _refusals(tree: ast.Module, code: str, region: Region) -> Iterator[Verdict]:
    for check in STATIC:
        found = check(tree, code, region)
        if found is not None:
            yield found


def _depth(tree: ast.AST) -> int:
    """Without recursion: the tree may be deeper than the stack."""
    deepest, stack = 0, [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest


def _wrong(message: str, region: Region) -> Verdict:
    return Verdict(False, "form", message, (f"the signature is `{region.signature}`",))
