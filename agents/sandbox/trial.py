"""The target side: runs a candidate on the oracle's cases and says where it first goes wrong."""
# pyright: basic

from __future__ import annotations

import functools
import math
import traceback
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax

from ...rules.prove.case import show_array
from ...rules.prove.compare import GRADIENT, Difference, compare
from ...rules.prove.source import leaves
from ...rules.prove.target import weighted
from .cases import OracleCase

_BUILTINS = """
    abs all any bool complex dict enumerate float int isinstance len list max min print range
    reversed round slice sorted sum tuple zip True False None ValueError TypeError
"""
BUILTINS = tuple(_BUILTINS.split())
NARROW = {"float64": "float32", "int64": "int32", "complex128": "complex64"}
SHOWN = 300


def try_candidate(code: str, cases: list[OracleCase]) -> dict[str, Any]:
    """{"accepted": True, "cases", "gradients", "caveats"}, or where, how and on which inputs the
    candidate fails.

    In this order, cheapest first: it runs; shapes and dtypes; values; under jit; gradients.
    """
    try:
        function = define(code)
    except Exception as error:
        return _failed("import", _error(error))
    gradients = 0
    jitted: set[Any] = set()
    caveats: list[str] = []
    for case in cases:
        problem = _values(function, case)
        if problem is not None:
            # What TensorFlow makes of NaN is often an accident of its kernels: said, not judged.
            if case.style != "nan" or problem["stage"] != "values":
                return problem
            caveats = ["results differ where inputs are NaN"]
        kind = tuple((a.dtype, a.shape) for a in case.arrays.values())
        if case.style == "general" and kind not in jitted:
            jitted.add(kind)
            problem = _jit(function, case)
            if problem is not None:
                return problem
    for case in cases:
        if case.gradients:
            problem = _gradients(function, case)
            if problem is not None:
                return problem
            gradients += 1
    return {"accepted": True, "cases": len(cases), "gradients": gradients, "caveats": caveats}


def define(code: str) -> Any:
    """The function of a candidate, defined among allowed names only."""
    import builtins

    safe = {name: getattr(builtins, name) for name in BUILTINS if hasattr(builtins, name)}
    scope: dict[str, Any] = {
        "__builtins__": safe | {"__import__": _import},
        "jax": jax, "jnp": jnp, "lax": lax, "nnx": nnx, "optax": optax, "np": np, "math": math,
        "functools": functools,
    }  # fmt: skip
    exec(compile(code, "<candidate>", "exec"), scope)
    return scope["region"]


def _import(name: str, *rest: Any) -> Any:
    """The validators have checked which modules are named; this is the second lock."""
    if name.partition(".")[0] not in ("jax", "flax", "optax", "numpy", "math", "functools"):
        raise ImportError(f"a candidate may not import {name}")
    return __import__(name, *rest)


def _values(function: Any, case: OracleCase) -> dict[str, Any] | None:
    try:
        found = _call(function, case, case.arrays)
    except Exception as error:
        return _failed("runs", _error(error), case)
    return _compare(case, found, "values")


def _jit(function: Any, case: OracleCase) -> dict[str, Any] | None:
    traced = jax.jit(lambda arrays: _call(function, case, arrays))
    try:
        found = traced({name: jnp.asarray(a) for name, a in case.arrays.items()})
        abstract = jax.eval_shape(traced, {n: jnp.asarray(a) for n, a in case.arrays.items()})
    except Exception as error:
        return _failed("jit", _error(error), case)
    for one, expected in zip(abstract, case.outputs, strict=True):
        if tuple(one.shape) != expected.shape:
            return _failed("shape", f"shape {one.shape}, TensorFlow gives {expected.shape}", case)
    return _compare(case, found, "jit")


def _gradients(function: Any, case: OracleCase) -> dict[str, Any] | None:
    values = {name: jnp.asarray(a) for name, a in case.arrays.items()}
    wanted = {name: values[name] for name in case.gradients}
    try:
        found = jax.grad(lambda some: weighted(_call(function, case, values | some)))(wanted)
    except Exception as error:
        return _failed("gradient", _error(error), case)
    for name, expected in case.gradients.items():
        change = case.gradient_change.get(name)
        difference = compare(expected, np.asarray(found[name]), change, GRADIENT)
        if difference is not None:
            text = f"the gradient for `{name}`: {difference.message}"
            return _failed("gradient", text, case, expected, np.asarray(found[name]))
    return None


def _call(function: Any, case: OracleCase, arrays: Any) -> list[Any]:
    given = {name: jnp.asarray(a) for name, a in arrays.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [jnp.asarray(one) for one in leaves(function(**given, **case.statics))]


def _compare(case: OracleCase, found: list[Any], stage: str) -> dict[str, Any] | None:
    if len(found) != len(case.outputs):
        text = f"{len(found)} values, TensorFlow gives {len(case.outputs)}"
        return _failed("shape", text, case)
    for expected, actual, change in zip(case.outputs, found, case.change, strict=True):
        actual = np.asarray(actual)
        difference: Difference | None = compare(expected, actual, change)
        if difference is not None:
            named = difference.kind if difference.kind in ("shape", "dtype") else stage
            return _failed(named, difference.message, case, expected, actual)
    return None


def _failed(
    stage: str,
    message: str,
    case: OracleCase | None = None,
    expected: np.ndarray | None = None,
    actual: np.ndarray | None = None,
) -> dict[str, Any]:
    result: dict[str, Any] = {"accepted": False, "stage": stage, "message": message[:SHOWN]}
    if case is not None:
        inputs = {name: show_array(a)[:SHOWN] for name, a in case.arrays.items()}
        result["inputs"] = inputs | {name: repr(v) for name, v in case.statics.items()}
    if expected is not None and actual is not None:
        result["expected"], result["actual"] = show_array(expected), show_array(actual)
        result["expected"], result["actual"] = result["expected"][:SHOWN], result["actual"][:SHOWN]
    return result


def _error(error: Exception) -> str:
    """The exception and the candidate's line that raised it."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "<candidate>"
    ]
    place = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:SHOWN]}{place}"
