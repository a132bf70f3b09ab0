"""Runs the trace of the JAX side after a mismatch and says where the values part."""
# pyright: basic

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .divergence import first_divergence
from .jax_compare import Comparer
from .jax_run import array_leaves, call_inputs
from .jax_structure import dotted, nnx_nodes
from .jax_trace import CreationSites, record
from .result import Divergence


def locate(
    comparer: Comparer, trace: list[dict[str, Any]], sites: CreationSites
) -> Divergence | None:
    """The first divergence of the first run's first draw, with the module and where it is made."""
    skeletons, arrays = comparer.skeletons(0), comparer.arrays(0, 0)

    def call(model: Any, arrays: Any) -> Any:
        return dict(array_leaves(comparer.call(model, call_inputs(skeletons, arrays))))

    found, calls = record(comparer.model, call, arrays, sites.files)
    first = first_divergence(found, trace)
    if first is None:
        return None
    number, report = first
    return _with_module(report, found.nodes[number].call, calls, comparer.model, sites)


def _with_module(
    report: Divergence, call: int | None, calls: list[Any], model: Any, sites: CreationSites
) -> Divergence:
    path = calls[call] if call is not None else None
    if path is None:
        return report
    modules = nnx_nodes(model)[0]
    made = [sites.places.get(id(modules[path[:n]])) for n in range(len(path), -1, -1)
            if path[:n] in modules]  # fmt: skip
    places = tuple(dict.fromkeys(p for p in made if p is not None))
    return replace(report, module=dotted(path), made=places)


def of_variable(path: Any, model: Any, sites: CreationSites) -> Divergence | None:
    """Where the module is made that holds a variable whose gradient or state differs."""
    modules = nnx_nodes(model)[0]
    owners = [path[:n] for n in range(len(path) - 1, -1, -1) if path[:n] in modules]
    if not owners:
        return None
    places = (sites.places.get(id(modules[p])) for p in owners)
    made = tuple(dict.fromkeys(p for p in places if p is not None))
    return Divergence(operation="", shape=(), module=dotted(owners[0]), made=made)
