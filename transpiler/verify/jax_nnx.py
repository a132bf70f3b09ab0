"""NNX graph mode and tree mode: Flax will make tree mode the default, outputs must live in both.

But for programs whose source keeps one layer in several places (tied embeddings): so does their
translation, which is a graph and no tree.
"""
# pyright: basic

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
from flax import nnx

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs
from .jax_structure import Path, dotted, nnx_nodes
from .result import Comparison, LeafReport
from .structure import Structure


def compare_nnx_modes(measured: Measured) -> Comparison:
    """The call under `nnx.jit` in both modes against the call under `jax.jit`."""
    comparer = measured.comparer
    skeletons, arrays = comparer.skeletons(0), comparer.arrays(0, 0)
    changes = comparer.changes(0, "out")

    def forward(model: Any, arrays: Any) -> Any:
        return dict(array_leaves(comparer.call(model, call_inputs(skeletons, arrays))))

    modes = [("graph mode", True), ("tree mode", False)]
    tied, said = _tied(measured), ""
    if tied:
        said = f"graph mode alone: the source, too, keeps {', '.join(tied)} in several places"
        modes = modes[:1]
    graph, state = nnx.split(comparer.model)
    merged = jax.jit(lambda s, a: forward(nnx.merge(graph, s, copy=True), a))
    expected = merged(state, arrays)
    reports: list[LeafReport] = []
    for name, is_graph in modes:
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
    return summarise(reports, said)


def _tied(measured: Measured) -> list[str]:
    """Parameters that are in several places of the translation, where the source keeps each of them
    in several places, too; none where one of them is there once."""
    of_source = _several_places(measured.source)
    moves = {measured.paths[move.target]: move for move in measured.candidate.moves}
    names: list[str] = []
    for path in shared_variables(measured.comparer.model):
        move = moves.get(path)
        if move is None or not of_source.issuperset(move.sources):
            return []
        names.append(dotted(path))
    return names


def _several_places(source: Structure) -> set[int]:
    """Variables of modules that are, or are inside of, modules with several paths."""
    shared: set[int] = set()
    found: set[int] = set()
    for module in source.modules:  # parents before children
        if len(module.paths) > 1 or module.parent in shared:
            shared.add(module.id)
            found.update(owned.variable for owned in module.variables)
    return found


def shared_variables(model: Any) -> list[Path]:
    """The paths of variables that are in several places of the model, each once."""
    leaves = jax.tree.leaves(model, is_leaf=lambda node: isinstance(node, nnx.Variable))
    times = Counter(id(leaf) for leaf in leaves if isinstance(leaf, nnx.Variable))
    return [path for path, v in nnx_nodes(model)[1].items() if times[id(v)] > 1]


@contextmanager
def _mode(is_graph: bool) -> Iterator[None]:
    with nnx.set_graph_mode(is_graph), nnx.set_graph_updates(is_graph):
        yield
