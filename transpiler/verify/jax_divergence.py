"""Runs the trace of the JAX side after a mismatch and says where the values part."""
# pyright: basic

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from traceback import walk_tb
from typing import Any

from .divergence import Found, Frames, agreeing, calls_until, first_divergence, reaching, users_of
from .jax_compare import Comparer
from .jax_run import array_leaves, call_inputs
from .jax_structure import Path, dotted, nnx_nodes
from .jax_trace import CreationSites, Trace, record, record_calls
from .places import Place
from .result import Divergence
from .silent import silent_statements, texts_below

MOST = 4
"""Places that are named of a gradient's way, and values from which statements are sought."""
MOST_SILENT = 6


def locate(
    comparer: Comparer,
    trace: list[dict[str, Any]],
    sites: CreationSites,
    run: int,
    failed: Collection[str],
) -> Divergence | None:
    """The first divergence of a run's first draw, with the module and where it is made. `failed`:
    the outputs that differ."""
    found, calls = _traced(comparer, sites, run)
    prefix = f"run{run}/draw0/out/"
    expected = {name: comparer.tensors[prefix + name] for name in comparer.changes(run, "out")}
    first = first_divergence(found, trace, expected, failed)
    if first is None:
        return None
    number, report, _ = first
    report = replace(report, between=_between(found, first, sites))
    return _with_module(report, found.nodes[number].call, calls, comparer.model, sites)


def agreement(
    comparer: Comparer, trace: list[dict[str, Any]], sites: CreationSites, run: int, *, raises: bool
) -> int:
    """How many values agree under the weights that are loaded."""
    found = _until_error(comparer, sites)[0] if raises else _traced(comparer, sites, run)[0]
    return agreeing(found, trace)


def locate_error(
    comparer: Comparer, trace: list[dict[str, Any]], sites: CreationSites, error: Exception
) -> Divergence | None:
    """As `locate` for a call that raises, by what it had computed before; else where it raises, and
    the statements before that."""
    found, calls = _until_error(comparer, sites)
    for number in found.outputs.values() if found.outputs else range(len(found.nodes)):
        if number is None:
            continue
        one = replace(found, outputs={"out": number})
        first = first_divergence(one, trace)
        if first is not None and first[1].target is not None:
            report = replace(first[1], between=_between(one, first, sites))
            return _with_module(report, found.nodes[first[0]].call, calls, comparer.model, sites)
    places = (
        sites.files.place(frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
    )
    frames = tuple(p for p in places if p is not None and not sites.files.is_driver(p))[::-1]
    if not frames:
        return None
    ends = sorted({n for n in found.outputs.values() if n is not None}, reverse=True)
    ends = ends or range(len(found.nodes))[-1:]
    stacks = [found.nodes[n].stack for n in ends if found.nodes[n].stack]
    return Divergence(
        operation=type(error).__name__,
        shape=(),
        target=frames[0],
        callers=frames[1:4],
        after=stacks[0][0] if stacks else None,
        until=calls_until(stacks[0], frames) if stacks else (),
        between=_silent(found, stacks, frames, sites),
    )


def _until_error(comparer: Comparer, sites: CreationSites) -> tuple[Trace, list[Any]]:
    """What is computed before the call raises; where that cannot be traced, what modules gave."""
    try:
        return _traced(comparer, sites, until_error=True)
    except Exception:
        skeletons, arrays = comparer.skeletons(0), comparer.arrays(0, 0)
        return record_calls(
            comparer.model, lambda m: comparer.call(m, call_inputs(skeletons, arrays)), sites.files
        )


def _traced(
    comparer: Comparer, sites: CreationSites, run: int = 0, *, until_error: bool = False
) -> tuple[Trace, list[Any]]:
    skeletons, arrays = comparer.skeletons(run), comparer.arrays(run, 0)

    def call(model: Any, arrays: Any) -> Any:
        return dict(array_leaves(comparer.call(model, call_inputs(skeletons, arrays))))

    return record(comparer.model, call, arrays, sites.files, until_error=until_error)


def _between(trace: Trace, found: Found, sites: CreationSites) -> tuple[Place, ...]:
    number, report, agreed = found
    if report.target is None:  # of what is missing only the way to it computes
        trace = replace(trace, outputs={"out": number})
    target = trace.nodes[number].stack if report.target is not None else ()
    return _silent(trace, agreed, target, sites)


def _silent(
    trace: Trace, agreed: Sequence[Frames], target: Frames, sites: CreationSites
) -> tuple[Place, ...]:
    """Statements that compute nothing, before `target`, from each of the frames that agree on."""
    computing = {
        place
        for node, used in zip(trace.nodes, reaching(trace), strict=True)
        if used and node.data
        for place in node.stack
    }
    texts = texts_below(sites.files.roots, {n for frames in (*agreed, target) for n, _ in frames})
    places: dict[Place, None] = {}
    for after in agreed[:MOST] or ((),):
        places |= dict.fromkeys(silent_statements(texts, computing, after, target))
    return tuple(places)[:MOST_SILENT]


def _with_module(
    report: Divergence, call: int | None, calls: list[Any], model: Any, sites: CreationSites
) -> Divergence:
    path = calls[call] if call is not None else None
    if path is None:
        return report
    module = nnx_nodes(model)[0].get(path)
    file = getattr(sys.modules.get(type(module).__module__), "__file__", None) or ""
    library = module is not None and sites.files.place(file, 0) is None
    return replace(report, module=dotted(path), made=_made(path, model, sites), library=library)


def _made(path: Path, model: Any, sites: CreationSites) -> tuple[Place, ...]:
    """Where a module and those around it are made."""
    modules = nnx_nodes(model)[0]
    made = (sites.places.get(id(modules[path[:n]])) for n in range(len(path), -1, -1)
            if path[:n] in modules)  # fmt: skip
    return tuple(dict.fromkeys(p for p in made if p is not None))


def of_variable(path: Any, model: Any, sites: CreationSites) -> Divergence | None:
    """Where the module is made that holds a variable whose gradient or state differs."""
    owner = _owner(path, model)
    if owner is None:
        return None
    return Divergence(operation="", shape=(), module=dotted(owner), made=_made(owner, model, sites))


def _owner(path: Path, model: Any) -> Path | None:
    modules = nnx_nodes(model)[0]
    return next((path[:n] for n in range(len(path) - 1, -1, -1) if path[:n] in modules), None)


def of_gradients(
    paths: Sequence[Path], right: Sequence[Path], comparer: Comparer, sites: CreationSites
) -> Divergence | None:
    """The last module on the way forward whose gradient is wrong, as gradients go the other way;
    with the places of what follows it, up to modules of the `right` gradients. `paths` and `right`
    are variables; without `paths` it is an input whose gradient is wrong."""
    trace, calls = _traced(comparer, sites)
    model = comparer.model
    wrong = {p: owner for p in paths if (owner := _owner(p, model)) is not None}
    good = {_owner(p, model) for p in right} - set(wrong.values())
    numbers = [n for n, path in enumerate(calls) if path in wrong.values()]
    last = max(numbers, default=None)
    if last is None and paths:
        return of_variable(paths[0], model, sites)
    start = {
        n
        for n, node in enumerate(trace.nodes)
        if (node.call == last if last is not None else node.operation == "input")
    }
    if last is not None and not start:  # within a scan, which is one operation of what is around it
        last = _around(calls, last, {node.call for node in trace.nodes})
        start = {n for n, node in enumerate(trace.nodes) if node.call == last}
    used = _used(trace, start, lambda call: call is not None and calls[call] in good)
    called = [n.stack[0] for i, n in enumerate(trace.nodes) if i in start and n.stack]
    callers = tuple(dict.fromkeys(called))[:MOST]
    if last is None:
        return Divergence("", (), callers=used[:1], used=used)
    owner = calls[last]
    return Divergence(
        operation="",
        shape=(),
        module=dotted(owner),
        made=_made(owner, model, sites),
        callers=callers,
        used=used,
    )


def _around(calls: Sequence[Any], last: int, there: set[int | None]) -> int:
    """The call of the nearest module around that of a call, of which operations are there."""
    path = calls[last]
    for length in range(len(path) - 1, -1, -1):
        found = [n for n in there if n is not None and calls[n] == path[:length]]
        if found:
            return max(found)
    return last


def _used(trace: Trace, start: set[int], passes: Any) -> tuple[Place, ...]:
    """The lines that compute with the results of some nodes, nearest first, not beyond nodes whose
    call `passes`."""
    users, places = users_of(trace), dict[Place, None]()
    waiting, seen = sorted(start), set(start)
    while waiting:
        number = waiting.pop(0)
        for user in users[number]:
            if user in seen:
                continue
            seen.add(user)
            node = trace.nodes[user]
            if node.stack:
                places.setdefault(node.stack[0])
            if not passes(node.call):
                waiting.append(user)
        waiting.sort()
    return tuple(places)[:MOST]
