"""NNX graph mode and tree mode: Flax will make tree mode the default, outputs must live in both."""
# pyright: basic

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
from flax import nnx

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs
from .result import Comparison, LeafReport


def compare_nnx_modes(measured: Measured) -> Comparison:
    """The call under `nnx.jit` in both modes against the call under `jax.jit`."""
    comparer = measured.comparer
    skeletons, arrays = comparer.skeletons(0), comparer.arrays(0, 0)
    changes = comparer.changes(0, "out")

    def forward(model: Any, arrays: Any) -> Any:
        return dict(array_leaves(comparer.call(model, call_inputs(skeletons, arrays))))

    graph, state = nnx.split(comparer.model)
    merged = jax.jit(lambda s, a: forward(nnx.merge(graph, s, copy=True), a))
    expected = merged(state, arrays)
    reports: list[LeafReport] = []
    for name, is_graph in (("graph mode", True), ("tree mode", False)):
        with _mode(is_graph):
            try:
                model = nnx.merge(graph, state, copy=True)
                found = nnx.jit(forward)(model, arrays)
            except Exception as error:
                text = f"{type(error).__name__}: {str(error).strip()[:300]}"
                reports.append(LeafReport(name, "fail", "nnx", message=text))
                continue
        reports += [
            compare_leaf(
                f"{name}: {path}",
                value,
                found[path],
                comparer.tolerance(changes.get(path, 0.0)),
                x64=measured.case.x64,
            )
            for path, value in expected.items()
        ]
    return summarise(reports)


@contextmanager
def _mode(is_graph: bool) -> Iterator[None]:
    with nnx.set_graph_mode(is_graph), nnx.set_graph_updates(is_graph):
        yield
