"""The driver of a case: its build and call expressions as a module of source code.

The expressions are written against TensorFlow themselves (`tf.linspace(...)` as an argument), so
they are compiled together with the package: the driver runs against TensorFlow, its translation
against JAX.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .case import Case

NAME = "_driver"
TRAINING_CALL = "call_in_training"
_IMPORTS = {
    "importlib": "import importlib",
    "os": "import os",
    "sys": "import sys",
    "types": "import types",
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
}


def driver_source(case: Case, training: str | None = None) -> str:
    """A module with `build()` and `call(model, <inputs>)`, and `call_in_training` where `training`
    is such a call; imports only what it uses."""
    calls = {"call": case.call} | ({} if training is None else {TRAINING_CALL: training})
    functions = [
        f"def {name}(model, {', '.join(case.inputs)}):\n    return {_joined(call)}"
        for name, call in calls.items()
    ]
    body = "\n\n\n".join([f"def build():\n    return {_joined(case.build)}", *functions])
    used = set(_names("\n".join([case.pre, case.setup, body])))
    imports = [line for name, line in _IMPORTS.items() if name in used]
    if "keras" in used:
        imports.append("import keras" if case.keras == "k3" else "from tensorflow import keras")
    parts = [
        f'"""Driver of the case {case.id}."""\n',
        *imports,
        *([f"\n{case.pre}\n"] if case.pre else []),
        f"import {case.module} as m",
        *([f"\n{case.setup}"] if case.setup else []),
        f"\n\n{body}\n",
    ]
    return "\n".join(parts)


def write_driver(case: Case, folder: Path, training: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.py"
    path.write_text(driver_source(case, training), encoding="utf-8")
    return path


def _joined(expression: str) -> str:
    return " ".join(line.strip() for line in expression.splitlines())


def _names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.id
