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
from collections.abc import Collection, Iterable
from typing import Any

from .fingerprint import CLOSE, distance
from .jax_trace import Node, Trace
from .places import Place
from .result import Divergence

WEAK = 100 * CLOSE
CLOSER = (CLOSE / 5, CLOSE / 25)
EXACT = 2
"""How much better than a bound what was computed before must agree, for the bound to tell."""
Frames = tuple[Place, ...]
Found = tuple[int, Divergence, tuple[Frames, ...]]
"""The node, the report on it, and the frames of the values before it that agree, last first."""


def first_divergence(
    trace: Trace, source: list[dict[str, Any]], shapes: Collection[tuple[int, ...]] | None = None
) -> Found | None:
    """None where every output agrees. `shapes`: those of the source's outputs, where known.

    What is wrong may be damped to less than CLOSE on its way and grow again: where values part by
    little, or those before them agree far better than CLOSE, a large difference before them that a
    closer look shows is the place.
    """
    by_size: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in source:
        by_size[record["size"]].append(record)
    nearest = [_nearest(node, by_size) for node in trace.nodes]
    found, agrees = _first_wrong(trace, nearest, CLOSE)
    if found is None:
        return _missing_step(trace, nearest, source, shapes)
    weak = _distance(nearest[found]) < WEAK
    for closer in CLOSER:
        earlier, more = _first_wrong(trace, nearest, closer)
        if earlier is None or earlier >= found or _distance(nearest[earlier]) < WEAK:
            continue
        if weak or _roughest(earlier, trace, nearest, agrees) <= closer / EXACT:
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


def _roughest(number: int, trace: Trace, nearest: Any, agrees: list[bool]) -> float:
    """The largest distance of the values that agree of those that a value is computed from."""
    seen: set[int] = set()
    waiting = list(trace.nodes[number].inputs)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += trace.nodes[one].inputs
    return max((_distance(nearest[n]) for n in seen if agrees[n] and nearest[n]), default=0.0)


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
        return number, report, (node.stack,)
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
) -> tuple[Divergence, tuple[Frames, ...]]:
    node, near = trace.nodes[number], nearest[number]
    site = near[1]["site"] if near is not None else None
    before = agreed_before(trace.nodes[number].inputs, trace, agrees)
    sites = [nearest[n][1]["site"] for n in before if nearest[n] is not None]
    stacks = tuple(dict.fromkeys(trace.nodes[n].stack for n in before if trace.nodes[n].stack))
    report = Divergence(
        operation=node.operation,
        shape=node.shape,
        target=node.stack[0] if node.stack else None,
        callers=node.stack[1:4],
        error=near[0] if near is not None else None,
        source_operation=near[1]["op"] if near is not None else "",
        source=tuple(site) if site else None,
        agreed=tuple(sites[0]) if sites and sites[0] else None,
        after=stacks[0][0] if stacks else None,
    )
    return report, stacks


def agreed_before(inputs: Iterable[int], trace: Trace, agrees: list[bool]) -> list[int]:
    """The values, last first, from which others are computed and which agree: on each way back the
    first one."""
    seen: set[int] = set()
    waiting, found = list(inputs), list[int]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if agrees[one]:
            found.append(one)
        else:
            waiting += trace.nodes[one].inputs
    return sorted(found, reverse=True)
