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
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .fingerprint import CLOSE, distance, fingerprint
from .jax_trace import Node, Trace
from .places import Place
from .result import Divergence

WEAK = 100 * CLOSE
CLOSER = (CLOSE / 5, CLOSE / 25)
EXACT = 10
"""How much better than a bound what was computed before must agree, for the bound to tell."""
OPERANDS, UNSEEN = 3, 4
"""Values before the target of which the places are named, and lines of values not compared."""
Frames = tuple[Place, ...]
Found = tuple[int, Divergence, tuple[Frames, ...]]
"""The node, the report on it, and the frames of the values before it that agree, last first."""


def first_divergence(
    trace: Trace,
    source: list[dict[str, Any]],
    expected: Mapping[str, Any] | None = None,
    failed: Collection[str] = (),
) -> Found | None:
    """None where every output agrees. `expected`: the source's outputs, where known; `failed`:
    those that are known to differ.

    What is wrong may be damped to less than CLOSE on its way and grow again: where values part by
    little, or those before them agree far better than CLOSE, a large difference before them that a
    closer look shows is the place.
    """
    nearest = _all_nearest(trace, source)
    found, agrees = _first_wrong(trace, nearest, CLOSE)
    if found is None:
        missing = _missing_step(trace, nearest, source, expected)
        other = missing or _other_output(trace, nearest, agrees, expected or {}, failed)
        return other or (_small(trace, nearest) if failed else None)
    weak = _distance(nearest[found]) < WEAK
    for closer in CLOSER:
        earlier, more = _first_wrong(trace, nearest, closer)
        if earlier is None or earlier >= found or _distance(nearest[earlier]) < WEAK:
            continue
        exact = closer == CLOSER[0] and _roughest(earlier, trace, nearest) <= closer / EXACT
        if weak or exact:
            found, agrees = earlier, more
            break
    return found, *_report(found, trace, nearest, agrees)


def _small(trace: Trace, nearest: Any) -> Found | None:
    """What differs by less than CLOSE, and is known to differ."""
    for closer in CLOSER:
        found, agrees = _first_wrong(trace, nearest, closer)
        if found is not None:
            return found, *_report(found, trace, nearest, agrees)
    return None


def agreeing(trace: Trace, source: list[dict[str, Any]]) -> int:
    """How many values agree."""
    return sum(_distance(near) <= CLOSE for near in _all_nearest(trace, source))


def _all_nearest(trace: Trace, source: list[dict[str, Any]]) -> list[Any]:
    by_size: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in source:
        by_size[record["size"]].append(record)
    return [_nearest(node, by_size) for node in trace.nodes]


def _first_wrong(trace: Trace, nearest: Any, close: float) -> tuple[int | None, list[bool]]:
    """The first value that agrees with nothing, and which values agree."""
    agrees = [
        node.operation == "input" or (near is not None and near[0] <= close)
        for node, near in zip(trace.nodes, nearest, strict=True)
    ]
    wrong = _never_again(trace, agrees)
    numbers = (n for n in sorted(wrong) if not any(i in wrong for i in trace.nodes[n].inputs))
    return next(numbers, None), agrees


def _roughest(number: int, trace: Trace, nearest: Any) -> float:
    """The largest distance of the values that agree of those that a value is computed from."""
    seen: set[int] = set()
    waiting = list(trace.nodes[number].inputs)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += trace.nodes[one].inputs
    return max((d for n in seen if (d := _distance(nearest[n])) <= CLOSE), default=0.0)


def _distance(near: tuple[float, dict[str, Any]] | None) -> float:
    return float("inf") if near is None else near[0]


def _missing_step(
    trace: Trace,
    nearest: Any,
    source: list[dict[str, Any]],
    expected: Mapping[str, Any] | None,
) -> Found | None:
    """An output that the source computes on the way to its own: what follows is missing."""
    shapes = None if expected is None else {tuple(v.shape) for v in expected.values()}
    last = {tuple(r["shape"]): number for number, r in enumerate(source)}
    for name, number in trace.outputs.items():
        near = nearest[number] if number is not None else None
        if number is None or near is None:
            continue
        if expected is not None and _is_right(trace.nodes[number], expected[name]):
            continue
        shape = tuple(near[1]["shape"])
        # The last value of its shape is an output, if outputs have that shape.
        if near[1] is source[last[shape]] and (shapes is None or shape in shapes):
            continue
        number = _first_alike(number, trace)
        stack = trace.nodes[number].stack
        report = Divergence(
            operation="",
            shape=trace.nodes[number].shape,
            after=stack[0] if stack else None,
            until=stack[1:4],
            agreed=tuple(near[1]["site"]) if near[1]["site"] else None,
        )
        return number, report, (stack,)
    return None


def _other_output(
    trace: Trace,
    nearest: Any,
    agrees: list[bool],
    expected: Mapping[str, Any],
    failed: Collection[str],
) -> Found | None:
    """Where every value is one of the source's, or not compared: the first output that is another
    one of them, has them in another order, or is not compared."""
    for name, value in expected.items():
        number = trace.outputs.get(name)
        node = trace.nodes[number] if number is not None else None
        if number is None or node is None or not node.stack:
            continue
        if node.print is None:
            if name in failed or (not failed and fingerprint(value) is not None):
                return number, *_report(number, trace, nearest, agrees)
        elif not _is_right(node, value):
            report = Divergence("", node.shape, after=node.stack[0], until=node.stack[1:4])
            return number, report, (node.stack,)
    return None


def _is_right(node: Node, value: Any) -> bool:
    right = fingerprint(value)
    if right is None or node.print is None:
        return False
    return node.shape == tuple(value.shape) and distance(right, node.print) <= CLOSE


def _first_alike(number: int, trace: Trace) -> int:
    """The value that a value is another layout of, if any: what is missing may be between them."""
    node = trace.nodes[number]
    for i in node.inputs:
        before = trace.nodes[i]
        if before.print is None or node.print is None or not before.stack:
            continue
        same_size = before.print["size"] == node.print["size"]
        if same_size and distance(before.print, node.print) <= CLOSE:
            return _first_alike(i, trace)
    return number


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
        until=_further(stacks[:OPERANDS], node.stack),
        unseen=_unseen(number, trace, agrees),
    )
    return report, stacks


def _further(stacks: tuple[Frames, ...], target: Frames) -> Frames:
    """Where values before a target agree, beside the place of the last one."""
    places = [p for stack in stacks for p in (stack[0], *calls_until(stack, target))]
    return tuple(dict.fromkeys(p for p in places if p != stacks[0][0]))


def _unseen(number: int, trace: Trace, agrees: list[bool]) -> Frames:
    """Where values that are not compared are computed, on the way from those that agree: integers,
    truth values, constants, what is made of weights alone."""
    seen: set[int] = set()
    waiting, places, fixed = [number], dict[Place, None](), dict[Place, None]()
    while waiting:
        one = max(waiting)
        waiting.remove(one)
        for i in trace.nodes[one].inputs:
            node = trace.nodes[i]
            if i in seen or agrees[i]:
                continue
            seen.add(i)
            waiting.append(i)
            if node.stack and not (node.data and node.print is not None):
                (places if node.data else fixed).setdefault(node.stack[0])
    return tuple(places | fixed)[:UNSEEN]


def calls_until(after: Frames, target: Frames) -> Frames:
    """The calls by which a value was computed, out to the line in the function that goes on to the
    target, which has the same callers."""
    shared = 0
    while shared < min(len(after), len(target)) and after[-1 - shared] == target[-1 - shared]:
        shared += 1
    return after[1 : len(after) - shared]


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
