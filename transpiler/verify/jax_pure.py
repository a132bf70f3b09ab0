"""The model's call as a function of its state and the inputs' arrays."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flax import nnx

from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs


def pure_call(measured: Measured, run: int = 0) -> tuple[Callable[[Any, Any], Any], Any, Any]:
    """(function, state, arrays): `function(state, arrays)` gives the outputs by path."""
    comparer = measured.comparer
    skeletons, arrays = comparer.skeletons(run), comparer.arrays(run, 0)
    graph, state = nnx.split(comparer.model)

    def function(state: Any, arrays: Any) -> Any:
        model = nnx.merge(graph, state, copy=True)
        return dict(array_leaves(comparer.call(model, call_inputs(skeletons, arrays))))

    return function, state, arrays
