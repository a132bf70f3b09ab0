"""The likely cause of a layer's difference."""
# pyright: basic

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .case import Case
from .compare import Difference
from .diagnose import Retry, arguments_to_blame, rearranged, static_causes


def layer_causes(
    case: Case,
    found: Difference,
    a: np.ndarray,
    b: np.ndarray,
    retry: Retry,
) -> Iterator[str]:
    """`retry` proves the same rule on another case."""

    def agrees(arrays: dict[str, np.ndarray]) -> bool:
        return retry(replace(case, arrays=arrays))

    yield from arguments_to_blame(case, retry)
    yield from static_causes(found, a, b)
    if found.kind not in ("values", "finite"):
        return
    if "after a training step" in found.message:
        yield "the update of the moving statistics: momentum, or a biased variance"
        return
    yield from rearranged(a, b)
    floats = {n: x for n, x in case.arrays.items() if x.dtype.kind == "f"}
    if floats and agrees(case.arrays | {n: (x * 300).astype(x.dtype) for n, x in floats.items()}):
        yield "only with small inputs: an epsilon"
    elif floats and agrees(case.arrays | {n: np.abs(x) for n, x in floats.items()}):
        yield "only with negative inputs: a slope or a clip"
    first = case.inputs[0] if case.inputs else ""
    x = case.arrays.get(first)
    if x is not None and x.ndim == 3 and x.shape[1] > 1:
        if agrees(case.arrays | {first: x[:, :1]}):
            yield "only with several steps: what is carried from step to step, or its direction"
        elif "GRU" in case.text or "LSTM" in case.text:
            yield "already after one step: the order of the gates, a bias, or an activation"
    yield "a constant of the layer (epsilon, slope), its padding or layout, or the order of weights"
