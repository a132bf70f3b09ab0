"""Loops: over known elements round by round, others until once more changes nothing.

`run` follows the statements of a body.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from ...ir.nodes import Body, Call, For, Name, While
from .assignment import assign
from .expressions import evaluate, flag_of
from .flow import Flow, Raised, exits, take_ways, ways_of
from .joins import alike
from .machine import Machine
from .pythonic import iterate
from .solver import Solution
from .trail import MISSING, Changes
from .values import UNKNOWN, Frame, Size, Tensor, Value

Run = Callable[[Machine, Body, Frame], Flow]
LONGEST_LOOP = 256


def follow_for(m: Machine, s: For, frame: Frame, run: Run) -> Flow:
    muted = m.muted
    flow = _loop(m, s, frame, run)
    if flow == "next":
        m.muted = muted
    return flow


def _loop(m: Machine, s: For, frame: Frame, run: Run) -> Flow:
    iterable = evaluate(m, s.iterable, frame)
    items = iterate(m, iterable)
    if items is None or len(items) > LONGEST_LOOP:
        element = _element(m, s, iterable)

        def once() -> None:
            assign(m, s.target, element, frame)
            run(m, s.body, frame)

        _approximate(m, once, frame)
        return run(m, s.otherwise, frame)
    outer = take_ways(frame, "break")
    for item in items:
        assign(m, s.target, item, frame)
        flow = _iteration(m, s.body, frame, run)
        if flow == "break":
            break
        if flow in ("return", "raise"):
            return flow
    else:
        flow = run(m, s.otherwise, frame)
        if flow != "next":
            return flow
    _rejoin(m, take_ways(frame, "break"))
    ways_of(frame, "break").extend(outer)
    return "next"


def _iteration(m: Machine, body: Body, frame: Frame, run: Run) -> Flow:
    outer = take_ways(frame, "continue")
    flow = run(m, body, frame)
    _rejoin(m, take_ways(frame, "continue"))
    ways_of(frame, "continue").extend(outer)
    return "next" if flow == "continue" else flow


def _rejoin(m: Machine, others: list[Changes]) -> None:
    """What ways that left earlier had changed may be so here as well."""
    for changes in others:
        m.trail.merge([{}, changes], m.join_cells)


def _element(m: Machine, s: For, iterable: Value) -> Value:
    if isinstance(iterable, Tensor) and iterable.dims:
        return Tensor(iterable.dims[1:], iterable.dtype, iterable.origins[1:])
    match s.iterable:
        case Call(function=Name(id="range")):
            name = s.target.id if isinstance(s.target, Name) else "i"
            return Size(m.solver.fresh(name, "int"))
        case _:
            return UNKNOWN


def follow_while(m: Machine, s: While, frame: Frame, run: Run) -> Flow:
    for _ in range(LONGEST_LOOP):
        flag = flag_of(evaluate(m, s.test, frame))
        if flag is None:
            break
        if flag is False:
            return run(m, s.otherwise, frame)
        flow = _iteration(m, s.body, frame, run)
        if flow == "break":
            return "next"
        if flow in ("return", "raise"):
            return flow

    def once() -> None:
        evaluate(m, s.test, frame)
        run(m, s.body, frame)

    _approximate(m, once, frame)
    return "next"


def _approximate(m: Machine, once: Callable[[], None], frame: Frame) -> None:
    """A body that runs an unknown number of times: what it changes is widened until once more
    changes nothing; then it runs for its findings."""
    kept = len(exits(frame))
    # Within another loop of the kind one trial must do: rounds of rounds take for ever.
    changes: Changes | None = None
    for attempt in (1,) if m.muted else (0, 1, 2):
        del exits(frame)[kept:]
        with m.mute():
            trial = _trial(m, once, frame)
        if not _widen(m, trial, attempt):
            # Where nothing is reported, the run would be the same once more.
            changes = trial if m.muted else None
            break
    if changes is None:
        del exits(frame)[kept:]
        changes = _trial(m, once, frame)
    found = exits(frame)
    found[kept:] = [(v, c or changes) for v, c in found[kept:]]
    m.trail.merge([{}, changes], m.join_cells)


def _trial(m: Machine, once: Callable[[], None], frame: Frame) -> Changes:
    mark = m.trail.mark()
    outer = take_ways(frame, "break"), take_ways(frame, "continue")
    with contextlib.suppress(Raised):
        once()
    _rejoin(m, take_ways(frame, "break") + take_ways(frame, "continue"))
    ways_of(frame, "break").extend(outer[0])
    ways_of(frame, "continue").extend(outer[1])
    return m.trail.undo(mark)


def _widen(m: Machine, changes: Changes, attempt: int) -> bool:
    """Writes what the changed cells may hold; False when that is nothing new."""
    changed = False
    for (_, key), (cell, value) in changes.items():
        before = cell.get(key, MISSING)
        if before is MISSING or isinstance(value, Solution):
            continue
        joined = m.join_cells(before, value)
        if joined is before or alike(joined, before):
            continue
        if attempt:
            joined = UNKNOWN if isinstance(before, Value) else None
        if key == "rest":
            continue
        m.write(cell, key, joined)
        changed = True
    return changed
