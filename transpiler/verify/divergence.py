"""Where the values of the two sides part, from what both have recorded of one call.

A value of the translation *agrees* when the source computes an equal one anywhere (equal moments,
and equal samples where the shapes are equal). Many intermediate values have no counterpart and are
no error: the two frameworks cut operations differently. But what is wrong stays wrong: the values
part at the first one that agrees with nothing, of which nothing that agrees is computed later, and
whose inputs are not of that kind themselves.
"""
# pyright: basic

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from .fingerprint import CLOSE, distance
from .jax_trace import Node, Trace
from .places import Place
from .result import Divergence

WEAK = 100 * CLOSE
CLOSER = (CLOSE / 5, CLOSE / 25)
Found = tuple[int, Divergence, tuple[Place, ...]]
"""The node, the report on it, and the frames of the last value that agrees."""


def first_divergence(
    trace: Trace, source: list[dict[str, Any]], shapes: Collection[tuple[int, ...]] | None = None
) -> Found | None:
    """None where every output agrees. `shapes`: those of the source's outputs, where known.

    What is wrong may be damped to less than CLOSE on its way and grow again: where values part by
    little, a large difference before them that a closer look shows is the place.
    """
    by_size: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in source:
        by_size[record["size"]].append(record)
    nearest = [_nearest(node, by_size) for node in trace.nodes]
    found, agrees = _first_wrong(trace, nearest, CLOSE)
    if found is None:
        return _missing_step(trace, nearest, source, shapes)
    if _distance(nearest[found]) < WEAK:
        for closer in CLOSER:
            earlier, more = _first_wrong(trace, nearest, closer)
            if earlier is not None and earlier < found and _distance(nearest[earlier]) >= WEAK:
                found, agrees = earlier, more
                break
    return found, *_report(found, trace, nearest, agrees)


def _first_wrong(trace: Trace, nearest: Any, close: float) -> tuple[int | None, list[bool]]:
    """The first value that agrees with nothing, and which values agree."""
    agrees = [
        node.operation == "input" or (near is not None and near[0] <= close)
        for node, near in zip(trace.nodes, nearest, strict=True)
    ]
    wrong = _never_again(trace, agrees)
    numbers = (n for n in sorted(wrong) if not any(i in wrong for i in trace.nodes[n].inputs))
    return next(numbers, None), agrees


def _distance(near: tuple[float, dict[str, Any]] | None) -> float:
    return float("inf") if near is None else near[0]


def _missing_step(
    trace: Trace,
    nearest: Any,
    source: list[dict[str, Any]],
    shapes: Collection[tuple[int, ...]] | None,
) -> Found | None:
    """An output that the source computes on the way to its own: what follows is missing."""
    last = {tuple(r["shape"]): number for number, r in enumerate(source)}
    for number in trace.outputs.values():
        near = nearest[number] if number is not None else None
        if number is None or near is None:
            continue
        shape = tuple(near[1]["shape"])
        # The last value of its shape is an output, if outputs have that shape.
        if near[1] is source[last[shape]] and (shapes is None or shape in shapes):
            continue
        node = trace.nodes[number]
        place = node.stack[0] if node.stack else None
        site = tuple(near[1]["site"]) if near[1]["site"] else None
        callers = node.stack[1:4]
        report = Divergence("", node.shape, after=place, callers=callers, agreed=site)
        return number, report, node.stack
    return None


def _nearest(node: Node, by_size: Any) -> tuple[float, dict[str, Any]] | None:
    if node.print is None:
        return None
    candidates = by_size.get(node.print["size"], ())
    found = [(distance(node.print, c), i, c) for i, c in enumerate(candidates)]
    best = min(found, default=None, key=lambda f: f[:2])
    return None if best is None else (best[0], best[2])


def users_of(trace: Trace) -> dict[int, list[int]]:
    """The nodes that are computed from each node."""
    users: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(trace.nodes):
        for i in node.inputs:
            users[i].append(number)
    return users


def reaching(trace: Trace) -> list[bool]:
    """Whether an output is computed from each node."""
    users = users_of(trace)
    outputs = {n for n in trace.outputs.values() if n is not None}
    reaches = [False] * len(trace.nodes)
    for number in reversed(range(len(reaches))):
        reaches[number] = number in outputs or any(reaches[u] for u in users[number])
    return reaches


def _never_again(trace: Trace, agrees: list[bool]) -> set[int]:
    """Nodes on the way from data to an output that agree with nothing, nor does what follows."""
    users, reaches = users_of(trace), reaching(trace)
    good = [False] * len(agrees)
    for number in reversed(range(len(agrees))):
        good[number] = agrees[number] or any(good[u] for u in users[number])
    return {
        n
        for n, node in enumerate(trace.nodes)
        if node.data and reaches[n] and not good[n] and node.print is not None
    }


def _report(
    number: int, trace: Trace, nearest: Any, agrees: list[bool]
) -> tuple[Divergence, tuple[Place, ...]]:
    node, near = trace.nodes[number], nearest[number]
    site = near[1]["site"] if near is not None else None
    before, after = _last_agreed(number, trace, nearest, agrees)
    report = Divergence(
        operation=node.operation,
        shape=node.shape,
        target=node.stack[0] if node.stack else None,
        callers=node.stack[1:4],
        error=near[0] if near is not None else None,
        source_operation=near[1]["op"] if near is not None else "",
        source=tuple(site) if site else None,
        agreed=tuple(before) if before else None,
        after=after[0] if after else None,
    )
    return report, after


def _last_agreed(number: int, trace: Trace, nearest: Any, agrees: list[bool]) -> Any:
    """The places, in the source and in the translation, of the last value before it that agrees."""
    seen: set[int] = set()
    waiting = list(trace.nodes[number].inputs)
    while waiting:
        one = max(waiting)
        waiting.remove(one)
        if one in seen:
            continue
        seen.add(one)
        if agrees[one] and nearest[one] is not None:
            return nearest[one][1]["site"], trace.nodes[one].stack
        waiting += trace.nodes[one].inputs
    return None, ()
