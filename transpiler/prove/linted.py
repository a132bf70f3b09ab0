"""Level 3, the linter: all emitted expressions of a run, checked by one call of ruff."""

from __future__ import annotations

import builtins
import json
import subprocess
import symtable
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...rules.prove.outcome import Failure, UnitResult

HEAD = """\
import functools
import glob
import math
import operator
import os

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax

import tf_compat as compat

USED = (functools, glob, math, operator, os, jax, jnp, np, optax, nnx, lax, compat)
"""
RULES = "E7,E9,F,W605,B006,B015,B018,PLE"
MODULES = {
    "functools",
    "glob",
    "math",
    "operator",
    "os",
    "jax",
    "jnp",
    "np",
    "optax",
    "nnx",
    "lax",
    "compat",
}


def lint(results: Sequence[UnitResult]) -> None:
    """Adds a failure to each result whose code ruff complains of."""
    lines = [*HEAD.splitlines(), ""]
    owner: dict[int, tuple[UnitResult, str]] = {}
    for result in results:
        for code in result.codes[:2]:
            *bindings, last = code.split("; ")
            start = len(lines)
            lines += [f"def case_{len(owner)}({_parameters(code)}):"]
            body = [
                f"    layer = {b}" if "=" not in b.split("(")[0] else f"    {b}" for b in bindings
            ]
            lines += [*body, f"    return {last}", "", ""]
            for number in range(start, len(lines)):
                owner[number + 1] = (result, code)
    for found in _run("\n".join(lines)):
        at = owner.get(found["location"]["row"])
        if at is None or found["code"] in ("F811", "E741"):
            continue
        result, code = at
        message = f"ruff {found['code']}: {found['message']}"
        if all(f.message != message for f in result.failures):
            result.failures.append(Failure("L3", message, code=code))
            result.settle()


def _parameters(code: str) -> str:
    """The names that the code takes from outside, beside the modules and Python's own."""
    top = symtable.symtable(code.replace("; ", "\n"), "<code>", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned()} | MODULES
    names = dict.fromkeys(_free(top, top))
    return ", ".join(n for n in names if n not in bound and not hasattr(builtins, n))


def _free(table: symtable.SymbolTable, top: symtable.SymbolTable) -> Iterator[str]:
    """The names that a scope and those in it take from the module."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table is top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _free(child, top)


def _run(text: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "emitted.py"
        path.write_text(text + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", RULES]
        done = subprocess.run(
            [*command, "--output-format", "json", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(done.stdout) if done.stdout.strip() else []
