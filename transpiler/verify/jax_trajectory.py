"""The JAX side's losses and parameters over several training steps, see `trajectory.py`.

The steps are taken in the space of the source's weights, which the weight map turns into the
target's: where the map scales or repeats, descent in the target's own space is another one.
"""
# pyright: basic

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs
from .jax_structure import dotted, nnx_nodes
from .result import Comparison, LeafReport
from .sampling import cotangent, is_float
from .steps import apply_steps
from .structure import STATE
from .tolerance import tolerance
from .trajectory import MOMENTUM


def compare_trajectory(measured: Measured) -> Comparison:
    oracle = measured.comparer.oracle["trajectory"]
    if "none" in oracle:
        return Comparison("skipped", message=oracle["none"])
    if "error" in oracle:
        return Comparison("inconclusive", message=f"the source takes no step: {oracle['error']}")
    found = _run(measured, oracle["rate"], oracle["steps"])
    names = {str(v.id): v.path for v in measured.source.variables}
    depth = measured.comparer.depth * oracle["steps"]
    tensors = measured.comparer.tensors
    reports: list[LeafReport] = []
    for name, change in oracle["changes"].items():
        kind, key = name.split("/")
        if name not in found:
            continue
        label = f"loss {int(key) + 1}" if kind == "loss" else f"{kind} {names[key]}"
        size = _size_of(tensors[f"param/{key}"]) if kind == "moved" else 0.0

        def limit(
            eps: float, scale: float, count: int, change: float = change, size: float = size
        ) -> float:
            return tolerance(change, eps, max(scale, size), depth, count)

        reports.append(
            compare_leaf(
                label, tensors[f"trajectory/{name}"], found[name], limit, x64=measured.case.x64
            )
        )
    return summarise([*reports, *_not_trained(measured)])


def _not_trained(measured: Measured) -> list[LeafReport]:
    """Weights that the source trains and the translation holds as something else: the steps here
    move them, an optimizer of the translation does not. And the other way round; but what a layer
    that is not trained holds may be an `nnx.Param`, as what is frozen is up to the training."""
    variables = nnx_nodes(measured.comparer.model)[1]
    records = {v.id: v for v in measured.source.variables}
    reports: list[LeafReport] = []
    for move in measured.candidate.moves:
        given, path = [records[i] for i in move.sources], measured.paths[move.target]
        is_param = isinstance(variables[path], nnx.Param)
        if not is_param and any(v.role == "param" for v in given):
            text = "trained in the source, and no nnx.Param in the translation"
        elif is_param and all(v.role == "stat" and not v.frozen for v in given):
            text = "an nnx.Param in the translation, and not trained in the source"
        else:
            continue
        reports.append(LeafReport(dotted(path), "fail", "value", message=text))
    return reports


def _size_of(value: Any) -> float:
    """A parameter is rounded to its own precision at each step, whatever the step's size."""
    return float(np.abs(np.asarray(value, np.float64)).max()) if np.size(value) else 0.0


def _run(measured: Measured, rate: float, steps: int) -> dict[str, Any]:
    comparer, paths = measured.comparer, measured.paths
    roles = {v.id: v.role for v in measured.source.variables}
    moves = measured.candidate.moves
    ids = sorted({i for m in moves for i in m.sources})
    start = {i: jnp.asarray(comparer.tensors[f"param/{i}"]) for i in ids}
    trained = {i: v for i, v in start.items() if roles[i] == "param"}
    fixed = {i: v for i, v in start.items() if roles[i] != "param"}
    carried = sorted(paths[m.target] for m in moves if all(roles[i] in STATE for i in m.sources))
    graph, state = nnx.split(comparer.model)
    skeletons, arrays = comparer.skeletons(0), comparer.arrays(0, 0)

    def loss(trained: Any, stats: Any, arrays: Any) -> Any:
        model = nnx.merge(graph, state, copy=True)
        variables = nnx_nodes(model)[1]
        weights = fixed | trained
        for move in moves:
            variable = variables[paths[move.target]]
            value = apply_steps(jnp, [weights[i] for i in move.sources], move.steps)
            variable.set_value(value.astype(variable.dtype))
        for path, value in zip(carried, stats, strict=True):
            variables[path].set_value(value)
        leaves = array_leaves(comparer.call(model, call_inputs(skeletons, arrays)))
        terms = [
            jnp.mean((leaf - cotangent(leaf.shape, leaf.dtype, i)) ** 2)
            for i, (_, leaf) in enumerate(leaves)
            if is_float(leaf.dtype)
        ]
        total = 0.5 * sum((t.astype(terms[0].dtype) for t in terms[1:]), start=terms[0])
        return total, [nnx_nodes(model)[1][p].get_value() for p in carried]

    variables = nnx_nodes(comparer.model)[1]
    stats = [variables[p].get_value() for p in carried]
    step = jax.jit(jax.value_and_grad(loss, has_aux=True))
    velocity = {i: jnp.zeros_like(v) for i, v in trained.items()}
    moved = dict(trained)
    found: dict[str, Any] = {}
    for number in range(steps):
        (value, stats), gradients = step(moved, stats, arrays)
        found[f"loss/{number}"] = np.asarray(value)
        velocity = {i: MOMENTUM * v - rate * gradients[i] for i, v in velocity.items()}
        moved = {i: v + velocity[i] for i, v in moved.items()}
    found |= {f"moved/{i}": np.asarray(v - trained[i]) for i, v in moved.items()}
    by_path = dict(zip(carried, stats, strict=True))
    for move in moves:
        path = paths[move.target]
        if path in by_path and not move.steps:
            found[f"state/{move.sources[0]}"] = np.asarray(by_path[path])
    return found
