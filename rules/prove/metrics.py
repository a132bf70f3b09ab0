"""One case of a metric: several updates, with and without weights, the result after each, and
after a reset."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .case import Case
from .compare import compare
from .outcome import CaseResult, Failure
from .source import packages
from .target import namespace
from .translator import RefusedError, Translator

Update = tuple[str, tuple[np.ndarray, ...]]
"""What the case does: "update", "call", "reset", and the arguments."""


def prove_metric(
    case: Case, translator: Translator, deep: bool = True, explain: bool = True
) -> CaseResult:
    """Never raises."""
    code = ""
    try:
        expected = _results(eval(case.text, packages(case.keras)), case, _tensor)
    except Exception as error:
        return CaseResult("rejected", reason=f"{type(error).__name__}: {str(error)[:200]}")
    try:
        code = translator.expression(case.text, case.keras, "", {})
        found = _results(eval(code, namespace()), case, lambda array: array)
    except RefusedError as error:
        return CaseResult("refused", code, str(error))
    except Exception as error:
        message = f"{type(error).__name__}: {str(error)[:300]}"
        failure = Failure("L2", message, case.shown(), case.bindings(), code)
        return CaseResult("failed", code, failure=failure)
    for (what, a), (_, b) in zip(expected, found, strict=True):
        difference = compare(a, b, None, 4.0)
        if difference is not None:
            message = f"{what}: {difference.message}"
            failure = Failure("L2", message, case.shown(), case.bindings(), code, str(a), str(b))
            return CaseResult("failed", code, failure=failure)
    return CaseResult("ran", code)


def _updates(case: Case) -> Iterator[Update]:
    values = tuple(case.arrays[name] for name in case.inputs)
    mixed = (*values[:-1], values[-1][::-1] if values[-1].ndim else values[-1])
    yield "update", values
    yield "call", mixed
    if values[-1].ndim:
        weights = ((np.arange(values[-1].shape[0]) + 1) % 3).astype(np.float32)
        yield "weighted", (*mixed, weights)
    yield "reset", ()
    yield "update", mixed


def _results(
    metric: Any, case: Case, convert: Callable[[np.ndarray], Any]
) -> list[tuple[str, np.ndarray]]:
    found: list[tuple[str, np.ndarray]] = []
    for number, (what, arrays) in enumerate(_updates(case), 1):
        values = [convert(array) for array in arrays]
        match what:
            case "call":
                found.append((f"call {number}", np.asarray(metric(*values))))
            case "reset":
                metric.reset_state()
            case "weighted":
                metric.update_state(*values[:-1], sample_weight=values[-1])
            case _:
                metric.update_state(*values)
        found.append((f"after step {number} ({what})", np.asarray(metric.result())))
    return found


def _tensor(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.constant(array)
