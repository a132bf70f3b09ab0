"""The source in double precision, where it can: the reference for what rounding does.

Keras is told to compute in float64, where the source names single precision it gets double
(`oracle_widen.py`), and the model is built again, given the same weights and inputs. What rounds in
between all the same, any operation that gives or takes a narrower float, is named in `why`: the run
still shows how far the source's own rounding takes it, and is no reference for a comparison in
double precision.
"""
# pyright: basic

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import tensorflow as tf

from .case import VerifyCase
from .kinks import kept_of
from .oracle_inputs import make_inputs, watched
from .oracle_run import Evaluator, Variables
from .oracle_tree import SourceTree
from .oracle_widen import widened_dtypes
from .sampling import EDGES, is_float
from .specs import runs_of
from .tolerance import GRADIENT_FLOOR
from .trees import map_tree

_NARROW = (tf.float32, tf.float16, tf.bfloat16, tf.complex64)
FAR = 0.01
"""Of a leaf's scale: no rounding takes values that far, but another branch or gate does."""


def double_run(
    case: VerifyCase,
    scope: dict[str, Any],
    kerases: Any,
    structure: Any,
    single: Variables,
    records: list[dict[str, Any]],
    tensors: dict[str, Any],
) -> dict[str, Any]:
    """Stores the reference of the first run's first draw as `double/out/...` and `double/grad/...`.

    Returns `errors`, the largest difference of the source's own float32 results from it by leaf,
    `edges`, the same for edge values, and `why` it is no reference for double precision.
    """
    edges: dict[str, dict[str, float]] = {}
    try:
        with in_double(kerases):
            evaluator = double_evaluator(case, scope, kerases, structure, single)
            found, why = _run(case, scope, evaluator, records[0]["sizes"], 0)
            errors = _distances(found, tensors, 0)
            for number, record in enumerate(records):
                if record["edges"]:
                    with suppress(Exception):  # there the other run stands alone
                        at_edges, _ = _run(case, scope, evaluator, record["sizes"], EDGES)
                        edges = _distances(at_edges, tensors, number)
    except Exception as error:
        return {"why": f"{type(error).__name__}: {str(error).strip()[:300]}"}
    for kind, leaves in errors.items():
        tensors |= {f"double/{kind}/{name}": found[kind][name] for name in leaves}
    return {"errors": errors, "edges": edges, "why": why}


def _distances(
    found: dict[str, dict[str, Any]], tensors: dict[str, Any], run: int
) -> dict[str, dict[str, float]]:
    """How far the recorded results of a run's first draw are from those in double precision. Raises
    ValueError where an output is another one."""
    errors: dict[str, dict[str, float]] = {"out": {}, "grad": {}}
    sizes = {name: _size(value) for name, value in found["grad"].items()}
    least = GRADIENT_FLOOR * max(sizes.values(), default=0.0)
    for kind, leaves in found.items():
        for name, value in leaves.items():
            own = tensors.get(f"run{run}/draw0/{kind}/{name}")
            kept = kept_of(value, run, 0) if kind == "grad" else value
            if own is None or own.shape != kept.shape or not is_float(own.dtype):
                continue
            with np.errstate(invalid="ignore"):
                error = _size(own.astype(np.float64) - kept)
            if error > FAR * max(_size(kept), least if kind == "grad" else 0.0):
                if kind == "out":
                    raise ValueError(f"output {name} is another one")
                error = 0.0  # a gate that opens in one precision alone
            errors[kind][name] = error
    return errors


def _size(value: Any) -> float:
    """The largest absolute value that is finite."""
    finite = np.abs(value[np.isfinite(value)])
    return float(finite.max()) if finite.size else 0.0


@contextmanager
def in_double(kerases: Any) -> Generator[None]:
    """Keras computes in float64, and so does what names single precision."""
    for keras in kerases:
        keras.backend.set_floatx("float64")
    try:
        with widened_dtypes():
            yield
    finally:
        for keras in kerases:
            keras.backend.set_floatx("float32")


def double_evaluator(
    case: VerifyCase, scope: dict[str, Any], kerases: Any, structure: Any, single: Variables
) -> Evaluator:
    """The model built again in double precision, with the weights of the first one. Raises what
    the source raises, and ValueError where its variables are others."""
    for keras in kerases:
        keras.backend.clear_session()  # names of layers are counted from the start again
    names = scope | {"model": eval(case.source.build, scope)}

    def call(inputs: dict[str, Any]) -> Any:
        return eval(case.source.call, names | inputs)

    sizes = runs_of(case.inputs, case.sizes)[0]
    call(widened(make_inputs(case, scope, sizes, 0)))
    tree = SourceTree(kerases)
    tree.add_root(names["model"])
    own = tree.structure({})
    if [(v.path, v.shape) for v in own.variables] != [
        (v.path, v.shape) for v in structure.variables[: len(own.variables)]
    ] or len(own.variables) != len(structure.variables):
        raise ValueError("the model built in double precision has other variables")
    if any(v.dtype in ("float32", "float16", "bfloat16") for v in own.variables):
        raise ValueError("the source names the precision of its variables")
    variables = Variables(tree.variables, [v.role for v in structure.variables], tree.modules)
    variables.values = [wide(value) for value in single.values]
    return Evaluator(call, variables)


def wide(value: Any) -> Any:
    return value.astype(np.float64) if is_float(value.dtype) else value


def widened(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: map_tree(value, _widen, name) for name, value in inputs.items()}


def _run(
    case: VerifyCase, scope: Any, evaluator: Evaluator, sizes: Any, draw: int
) -> tuple[dict[str, dict[str, Any]], str]:
    from tensorflow.python.framework import op_callbacks

    inputs = widened(make_inputs(case, scope, sizes, draw))
    narrow: list[str] = []

    def note(op: Any, given: Any, attributes: Any, outputs: Any, *rest: Any) -> None:
        # Float attributes of operations (the slope of LeakyRelu) have single precision.
        rounded = any(isinstance(a, float) and a != float(np.float32(a)) for a in attributes)
        if rounded or any(getattr(t, "dtype", None) in _NARROW for t in (*given, *outputs)):
            narrow.append(op.decode() if isinstance(op, bytes) else str(op))

    op_callbacks.add_op_callback(note)
    try:
        if "gradients" in case.modes:
            seen = watched(case, inputs)
            evaluation = evaluator.gradients(inputs, seen)
        else:
            evaluation = evaluator.forward(inputs)
    finally:
        op_callbacks.remove_op_callback(note)
    gradients = {f"p{i}": g for i, g in evaluation.parameter_gradients.items()}
    gradients |= {f"x{path}": g for path, g in evaluation.input_gradients.items()}
    why = f"the source rounds to single precision in {narrow[0]}" if narrow else ""
    return {"out": evaluation.outputs, "grad": gradients}, why


def _widen(_: str, value: Any) -> Any:
    if isinstance(value, tf.Tensor) and value.dtype in _NARROW:
        return tf.cast(value, tf.float64)
    return value
