"""A candidate computes a value from its operands, and does nothing else.

This is an allow-list over the syntax tree: what is not known to be harmless is refused. The sandbox
is the second line.
"""

from __future__ import annotations

import ast

from ..contract import Region
from .verdict import Verdict

MODULES = ("jax", "flax", "optax", "numpy", "math", "functools")
STATEMENTS = (
    ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.If,
    ast.Expr, ast.Pass, ast.Import, ast.ImportFrom, ast.Raise, ast.Assert, ast.Break, ast.Continue,
    ast.While,
)  # fmt: skip
_BUILTINS = """
    abs all any bool complex enumerate float int isinstance len list dict max min range reversed
    round slice sorted sum tuple zip ValueError TypeError
"""
BUILTINS = frozenset(_BUILTINS.split())
_FORBIDDEN_BUILTINS = """
    open exec eval compile __import__ getattr setattr delattr vars globals locals input print
    breakpoint memoryview type object super dir id help exit quit classmethod staticmethod
    property iter next map filter callable hash repr str bytes bytearray format
"""
FORBIDDEN_BUILTINS = frozenset(_FORBIDDEN_BUILTINS.split())
# Of arrays, and of lists, tuples and dictionaries.
_ATTRIBUTES = """
    at set add subtract multiply divide power min max get apply shape ndim dtype size T mT real
    imag astype reshape transpose swapaxes sum mean std var prod any all argmax argmin cumsum
    cumprod sort argsort clip conj conjugate copy diagonal dot flatten ravel repeat round squeeze
    take trace view append extend insert pop items keys values index count update kind itemsize
    eps tiny bits
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
LARGEST_NUMBER = 10**7
"""A constant above this is taken for an attempt to allocate without end."""


def purity(tree: ast.Module, code: str, region: Region) -> Verdict | None:
    """Files, processes, sockets, introspection, global state: refused by not being on the list."""
    for node in ast.walk(tree):
        problem = _problem(node)
        if problem:
            line = f" (line {node.lineno})" if isinstance(node, ast.stmt | ast.expr) else ""
            return Verdict(False, "purity", f"{problem}{line}")
    return None


def _problem(node: ast.AST) -> str:
    match node:
        case ast.stmt() if not isinstance(node, STATEMENTS):
            return f"`{type(node).__name__}` statements are not allowed"
        case ast.Import(names=names):
            return next((_module(a.name) for a in names if _module(a.name)), "")
        case ast.ImportFrom(module=module, level=level, names=names):
            if level or any(alias.name == "*" for alias in names):
                return "relative and star imports are not allowed"
            return _module(module or "")
        case ast.Name(id=name) if name.startswith("__") or name in FORBIDDEN_BUILTINS:
            return f"`{name}` is not allowed"
        case ast.Attribute(attr=name) if name.startswith("_"):
            return f"private attributes such as `{name}` are not allowed"
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return "attributes must not be assigned to"
        case ast.Subscript(ctx=ast.Store() | ast.Del()):
            return "arrays are immutable: use `x.at[...].set(...)` instead of assigning to items"
        case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr() | ast.JoinedStr():
            return f"`{type(node).__name__}` is not allowed"
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return "numbers this large are not allowed" if abs(value) > 2**63 else ""
        case ast.BinOp(op=ast.Pow(), left=ast.Constant(), right=ast.Constant(value=value)):
            large = isinstance(value, int | float) and abs(value) > 64
            return "powers this large are not allowed" if large else ""
        case ast.BinOp(op=ast.Mult(), left=ast.List() | ast.Tuple() | ast.Constant(value=str())):
            right = node.right
            large = isinstance(right, ast.Constant) and isinstance(right.value, int)
            large = large and right.value > LARGEST_NUMBER  # type: ignore[operator]
            return "this repeats a value without end" if large else ""
        case _:
            return ""


def _module(name: str) -> str:
    return "" if name.partition(".")[0] in MODULES else f"module `{name}` is not allowed"
