"""What a promoted rule is tried with: the domains of its parameters, from the cases that the oracle
recorded for the region.

Where the sizes of a tensor were free, the rule's own types say enough. Where TensorFlow took one
shape only (`cross` wants a last axis of 3), a `try` clause gives these sizes and that shape.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .sandbox.cases import OracleCase

PLAIN = (
    *(ast.Name, ast.Constant, ast.List, ast.Tuple, ast.BinOp, ast.UnaryOp),
    *(ast.operator, ast.unaryop, ast.expr_context),
)
"""Arguments of these kinds are computed with NumPy; of others nothing is said."""
MOST = 4


def observed(value: ast.expr, cases: Sequence[OracleCase]) -> list[Any]:
    """What an argument was in the cases: arrays, or Python values. Empty where nobody knows."""
    if not all(isinstance(node, PLAIN) for node in ast.walk(value)):
        return []
    code = compile(ast.Expression(value), "<argument>", "eval")
    found: list[Any] = []
    for case in cases:
        scope: dict[str, Any] = {"__builtins__": {}, **case.arrays, **case.statics}
        try:
            with np.errstate(all="ignore"):
                found.append(eval(code, scope))
        # Arithmetic that NumPy refuses, where TensorFlow does not: nothing is known then.
        except (TypeError, ValueError, ArithmeticError, NameError):
            return []
    return found


def domains(arguments: Mapping[str, Sequence[Any]], typed: Sequence[str]) -> Iterator[str]:
    """`name = domain` for the parameters that need one. `arguments`: what each was in the cases;
    `typed`: those whose type says that they are tensors."""
    arrays = {
        name: list(values)
        for name, values in arguments.items()
        if values and all(isinstance(value, np.ndarray) for value in values)
    }
    shapes = {name: [array.shape for array in found] for name, found in arrays.items()}
    first: dict[str, str] = {}
    for name, found in arrays.items():
        # Of equal shapes and dtypes in all cases: drawn together.
        kind = (shapes[name], found[0].dtype)
        first[name] = next(n for n in arrays if (shapes[n], arrays[n][0].dtype) == kind)
    for name, values in arguments.items():
        if name not in arrays:
            if values:
                yield f"{name} = {_statics(values)}"
        elif not _is_free(shapes[name]):
            is_shared = list(first.values()).count(first[name]) > 1
            drawn = _drawn(arrays[name])
            exact = [] if is_shared else _exact(arrays[name])
            yield f"{name} = " + (
                " | ".join([*exact, drawn]) if first[name] == name else f"like({first[name]})"
            )
        elif name not in typed:
            ranks = ", ".join(map(str, sorted({len(shape) for shape in shapes[name]})))
            yield f"{name} = tensor(rank={{{ranks}}}, dtypes={{{_dtypes(arrays[name])}}})"


def _is_free(shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether every axis of every rank was of several sizes."""
    ranks: dict[int, set[tuple[int, ...]]] = {}
    for shape in shapes:
        ranks.setdefault(len(shape), set()).add(shape)
    return all(len(set(axis)) > 1 for found in ranks.values() for axis in zip(*found, strict=True))


def _statics(values: Sequence[Any]) -> str:
    """The values themselves; nothing for lists with arrays in them, which have no text."""
    texts = dict.fromkeys(repr(v) for v in values if "array" not in repr(v))
    return " | ".join(list(texts)[:MOST]) or "omitted"


def _dtypes(arrays: Sequence[np.ndarray]) -> str:
    return ", ".join(sorted({str(array.dtype) for array in arrays}))


def _drawn(arrays: Sequence[np.ndarray]) -> str:
    """Tensors with the sizes that were taken, on any axis, also of lower rank: TensorFlow refuses
    what does not fit."""
    ranks = ", ".join(str(n) for n in range(1, max(array.ndim for array in arrays) + 1))
    sizes = ", ".join(str(n) for n in sorted({n for array in arrays for n in array.shape if n}))
    return f"tensor(rank={{{ranks}}}, dims={{{sizes}}}, dtypes={{{_dtypes(arrays)}}})"


def _exact(arrays: Sequence[np.ndarray]) -> list[str]:
    """Expressions for arrays of exactly these shapes."""
    return list(dict.fromkeys(_expression(array) for array in arrays if array.size))[:MOST]


def _expression(array: np.ndarray) -> str:
    count, name = math.prod(array.shape), str(array.dtype)
    match array.dtype.kind:
        case "f" | "c":
            text = f"tf.sin(tf.range({count}.0))"
        case "b":
            text = f"tf.range({count}) % 2 > 0"
        case _:
            text = f"tf.range({count}) % 2"
    cast = text if name in ("float32", "bool", "int32") else f"tf.cast({text}, tf.{name})"
    return f"tf.reshape({cast}, {array.shape})"
