"""How statements end, and branches that are followed one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from .machine import Machine
from .trail import Changes
from .values import (
    Frame,
    Value,
)

Flow = Literal["next", "return", "break", "continue", "raise"]


class Raised(Exception):
    """The program certainly raises here."""


Exit = tuple[Value, Changes]


def exits(frame: Frame) -> list[Exit]:
    """The ways out of a function so far: what it returned, and what that way had changed."""
    found = frame.outcome.setdefault("exits", [])
    assert isinstance(found, list)
    return found  # pyright: ignore[reportUnknownVariableType]


def fork(
    m: Machine, branches: list[Callable[[], Flow]], frame: Frame, certain: bool = True
) -> Flow:
    """Follows each branch from here, and goes on with all that do not leave. Not `certain`: one
    of the branches may never run, so nothing is reported in them."""
    muted = m.muted
    m.muted += not certain
    flow, left = _fork(m, branches, frame)
    m.muted = muted
    # What follows runs only if the branch that leaves did not.
    m.muted += left and not certain
    return flow


def _fork(m: Machine, branches: list[Callable[[], Flow]], frame: Frame) -> tuple[Flow, bool]:
    """The flow, and whether some branch left other than by raising."""
    live: list[Changes] = []
    ended: list[Flow] = []
    for branch in branches:
        mark = m.trail.mark()
        before = len(exits(frame))
        try:
            flow = branch()
        except Raised:
            flow = "raise"
        changes = m.trail.undo(mark)
        if flow == "next":
            live.append(changes)
            continue
        ended.append(flow)
        if flow == "return":
            found = exits(frame)
            found[before:] = [(v, c or changes) for v, c in found[before:]]
        elif flow in ("break", "continue"):
            ways_of(frame, flow).append(changes)
    if live:
        if len(live) == 1:
            m.trail.redo(live[0])
        else:
            m.trail.merge(live, m.join_cells)
        return "next", any(flow != "raise" for flow in ended)
    if all(flow == "raise" for flow in ended):
        raise Raised
    # Each way of leaving is on record; the loop or function brings them together.
    return next(flow for flow in ("continue", "break", "return") if flow in ended), False


def ways_of(frame: Frame, flow: Flow) -> list[Changes]:
    found = frame.outcome.setdefault(flow, [])
    assert isinstance(found, list)
    return found  # pyright: ignore[reportUnknownVariableType]


def take_ways(frame: Frame, flow: Flow) -> list[Changes]:
    found = ways_of(frame, flow)
    taken = list(found)
    found.clear()
    return taken
