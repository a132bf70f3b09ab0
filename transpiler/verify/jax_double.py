"""Both sides in double precision: a difference that rounding makes shrinks by 5e8, an error stays.

Where a side names single precision it computes in double precision, too (`oracle_widen.py`,
`jax_widen.py`). Where neither rounds to float32 all the same, the limit is DOUBLE_SLACK units of
what rounding does in double precision, some 500,000 times tighter than that of single precision.
"""
# pyright: basic

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxprs_in_params

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_run import Evaluator
from .jax_structure import set_variables
from .jax_widen import widened_dtypes
from .result import Comparison, LeafReport
from .sampling import is_float
from .steps import apply_steps
from .tolerance import DOUBLE_SLACK, gradient_tolerance, tolerance

_NARROW = ("float32", "float16", "bfloat16", "complex64")


def compare_double(measured: Measured) -> Comparison:
    """Outputs and gradients of the first run. `skipped` where the source has no reference."""
    oracle = measured.comparer.oracle["double"]
    if "errors" not in oracle or oracle["why"]:
        return Comparison("skipped", message=f"no double precision: {oracle['why']}")
    with jax.enable_x64(True), widened_dtypes():
        return _compare(measured, oracle["errors"])


def _compare(measured: Measured, errors: dict[str, dict[str, float]]) -> Comparison:
    comparer, tensors = measured.comparer, measured.comparer.tensors
    values = {}
    for move in measured.candidate.moves:
        sources = [_wide(tensors[f"param/{i}"]) for i in move.sources]
        values[measured.paths[move.target]] = apply_steps(np, sources, move.steps)
    trained = {v.id for v in measured.source.variables if v.role == "param"}
    moves = measured.candidate.moves
    wanted = frozenset(measured.paths[m.target] for m in moves if trained.intersection(m.sources))
    watched = frozenset(n[1:] for n in errors["grad"] if n.startswith("x"))
    skeletons = comparer.skeletons(0)
    arrays = {n: jnp.asarray(_wide(a)) for n, a in comparer.arrays(0, 0).items()}
    narrow = ""
    # What a constructor computes beside its variables is narrow until the model is built again.
    for build in (lambda: comparer.model, measured.rebuild):
        model = build()
        set_variables(model, values, keep_dtype=False)
        evaluator = Evaluator(model, comparer.call, skeletons, wanted, watched, frozenset())
        narrow = _narrow(evaluator, arrays)
        if not narrow:
            break
    if narrow:
        return Comparison("skipped", message=f"the translation computes {narrow} in float32 inside")
    got = evaluator.evaluate(arrays, gradients=bool(errors["grad"]))
    reports = [
        _leaf(path, tensors[f"double/out/{path}"], got.outputs[path], _limit(measured, path))
        for path in errors["out"]
    ]
    if errors["grad"] and not got.gradient_error:
        reports += _gradients(measured, got, errors["grad"])
    return summarise(reports)


def _limit(measured: Measured, path: str) -> Any:
    change = measured.comparer.changes(0, "out")[path]

    def limit(eps: float, scale: float, size: int) -> float:
        small = change * eps / float(np.finfo(np.float32).eps)
        return DOUBLE_SLACK * tolerance(small, eps, scale, measured.comparer.depth, size)

    return limit


def _gradients(measured: Measured, got: Any, errors: dict[str, float]) -> list[LeafReport]:
    comparer = measured.comparer
    pulled = comparer.pull_back(measured.candidate, measured.paths, got, jnp.float64)
    changes = comparer.changes(0, "grad")
    expected = {n: comparer.tensors[f"double/grad/{n}"] for n in errors}
    largest = max((float(np.abs(v).max()) for v in expected.values() if v.size), default=0.0)
    names = {v.id: v.path for v in measured.source.variables}
    reports: list[LeafReport] = []
    for name, value in expected.items():
        if name not in pulled:
            continue
        change = changes[name] / float(np.finfo(np.float32).eps)

        def limit(eps: float, scale: float, size: int, change: float = change) -> float:
            depth = comparer.depth
            return DOUBLE_SLACK * gradient_tolerance(change * eps, eps, scale, largest, depth, size)

        label = f"input {name[1:]}" if name[0] == "x" else names[int(name[1:])]
        reports.append(_leaf(f"gradient of {label}", value, pulled[name], limit))
    return reports


def _leaf(path: str, source: Any, target: Any, limit: Any) -> LeafReport:
    return compare_leaf(path, source, target, limit, x64=True)


def _wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.float64) if is_float(array.dtype) else array


def _narrow(evaluator: Evaluator, arrays: Any) -> str:
    """The first operation of the forward pass that gives or takes a narrow float. Arrays of numpy
    that are made wide are what they are in the source, too."""
    closed = evaluator.jaxpr(arrays)
    given = zip(closed.jaxpr.constvars, closed.consts, strict=True)
    narrow = {v: value for v, value in given if _is_narrow(v)}
    if any(isinstance(value, jax.Array) for value in narrow.values()):
        return "a constant"
    return _narrow_in(closed.jaxpr, frozenset(narrow))


def _narrow_in(jaxpr: Any, numpys: frozenset[Any] = frozenset()) -> str:
    for equation in jaxpr.eqns:
        made_wide = equation.primitive.name == "convert_element_type" and not _is_narrow(
            equation.outvars[0]
        )
        if made_wide and any(equation.invars[0] is v for v in numpys):
            continue
        if any(_is_narrow(variable) for variable in (*equation.outvars, *equation.invars)):
            return str(equation.primitive)
        for inner in jaxprs_in_params(equation.params):
            if found := _narrow_in(inner):
                return found
    return ""


def _is_narrow(variable: Any) -> bool:
    return str(getattr(variable.aval, "dtype", "")) in _NARROW
