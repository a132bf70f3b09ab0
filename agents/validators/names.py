"""Every name exists, and every keyword is one that its function takes.

Small models invent functions (`jnp.scatter_nd_add`, `nnx.Dense`): the answer names what does exist.
"""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterator

from ...rules.api import TargetApi
from ...rules.language.namespaces import TARGETS
from ..cards import card, functions
from ..contract import Region
from .purity import ATTRIBUTES, BUILTINS
from .verdict import Verdict

MODULES = {
    name: TARGETS[name] for name in ("jnp", "jax", "lax", "nnx", "optax", "np", "math", "functools")
}
# NumPy runs when the code is traced: for constants and shapes.
_NUMPY = """
    pi e inf nan newaxis float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 bool_
    complex64 prod sqrt log log2 exp ceil floor arange array asarray cumsum ndim finfo iinfo
"""
NUMPY = frozenset(_NUMPY.split())
_MATH = """
    pi e inf nan tau sqrt log log2 log10 exp ceil floor prod gcd lcm comb factorial cos sin tan
    isnan isinf pow gamma lgamma erf
"""
MATH = frozenset(_MATH.split())
FUNCTOOLS = frozenset({"partial", "reduce"})
# They call back into Python, write, or set global state.
BANNED = (
    "jax.debug", "jax.pure_callback", "jax.experimental", "jax.config", "jax.profiler",
    "jax.numpy.save", "jax.numpy.savez", "jax.numpy.load", "jax.numpy.fromfile",
    "jax.make_array_from_callback", "jax.distributed", "jax.monitoring", "jax.dlpack",
    "jax.export", "jax.extend", "jax.ffi", "jax.clear_caches", "jax.numpy.frompyfunc",
    "jax.block_until_ready", "jax.print_environment_info", "jax.live_arrays",
)  # fmt: skip


def names(tree: ast.Module, code: str, region: Region) -> Verdict | None:
    """The first name, attribute or keyword that does not exist."""
    known = MODULES
    for name, path in _imported(tree):
        if known.get(name) != path:
            usual = next(
                (f"`{n}`" for n, p in known.items() if f"{path}.".startswith(f"{p}.")), "jnp"
            )
            message = f"`{path}` is imported as `{name}`: use {usual}, which is there"
            return Verdict(False, "names", message)
    local = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    local |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    local |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    shadowed = next((name for name in sorted(local) if name in MODULES), None)
    if shadowed is not None:
        return Verdict(
            False, "names", f"`{shadowed}` is a module here; name the variable otherwise"
        )
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            inner |= {id(n) for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            found = _attribute(node, known, local)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found = _name(node, known, local)
        elif isinstance(node, ast.Call):
            found = _keywords(node, known)
        else:
            continue
        if found is not None:
            return found
    return None


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    (alias.name if alias.asname else alias.name.partition(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _path(node: ast.expr, known: dict[str, str]) -> str | None:
    """The canonical dotted path of a name in a target module."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in known:
        return None
    return ".".join([known[node.id], *reversed(parts)])


def _name(node: ast.Name, known: dict[str, str], local: set[str]) -> Verdict | None:
    name = node.id
    if name in local or name in BUILTINS:
        return None
    if name in known:
        return None if "." not in known[name] else _exists(known[name], node.lineno)
    if hasattr(builtins, name):
        return Verdict(False, "names", f"`{name}` is not allowed here (line {node.lineno})")
    return Verdict(False, "names", f"`{name}` is not defined (line {node.lineno})")


def _attribute(node: ast.Attribute, known: dict[str, str], local: set[str]) -> Verdict | None:
    chain: list[ast.Attribute] = [node]
    while isinstance(chain[-1].value, ast.Attribute):
        chain.append(chain[-1].value)
    root = chain[-1].value
    if isinstance(root, ast.Name) and root.id in known and root.id not in local:
        # The longest prefix is an API name; what is left are attributes of its value.
        paths = [_path(one, known) or "" for one in reversed(chain)]
        for number in range(len(paths) - 1, -1, -1):
            if _exists(paths[number], node.lineno) is None:
                chain = chain[: len(paths) - 1 - number]
                break
        else:
            return _exists(paths[0], node.lineno)
        if any(one.attr not in ATTRIBUTES for one in chain):
            return _exists(paths[-1], node.lineno)
        return None
    for one in chain:
        if one.attr not in ATTRIBUTES:
            hint = _similar(one.attr)
            return Verdict(
                False, "names", f"arrays have no `.{one.attr}` (line {one.lineno})", hint
            )
    return None


def _exists(path: str, line: int) -> Verdict | None:
    head, _, rest = path.partition(".")
    listed = {"numpy": NUMPY, "math": MATH, "functools": FUNCTOOLS}.get(head)
    if listed is not None:
        if not rest or rest in listed:
            return None
        return Verdict(False, "names", f"`{path}` is not allowed (line {line})", _similar(rest))
    if any(f"{path}.".startswith(f"{banned}.") for banned in BANNED):
        return Verdict(False, "purity", f"`{path}` is not allowed (line {line})")
    if path in MODULES.values() or TargetApi.load().has(path):
        return None
    return Verdict(False, "names", f"`{path}` does not exist (line {line})", _similar(path))


def exists(path: str) -> bool:
    """Whether a candidate may call a canonical name."""
    return _exists(path, 0) is None


def _similar(path: str) -> tuple[str, ...]:
    """Cards of the functions with the nearest names."""
    name = path.rpartition(".")[2]
    found = difflib.get_close_matches(name, functions().keys(), n=3, cutoff=0.7)
    return tuple(card(full) for close in found for full in functions()[close][:1])


def _keywords(node: ast.Call, known: dict[str, str]) -> Verdict | None:
    path = _path(node.func, known)
    signature = None if path is None else TargetApi.load().signature(path)
    if path is None or signature is None:
        return None
    for keyword in node.keywords:
        if keyword.arg is not None and not signature.accepts_keyword(keyword.arg):
            message = f"`{path}` takes no `{keyword.arg}` (line {node.lineno})"
            return Verdict(False, "names", message, (card(path),))
    return None
