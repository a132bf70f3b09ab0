"""The machine that follows a translation."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import partial

from ....ir.nodes import Module
from ..calls import invoke
from ..conflicts import Log
from ..definitions import module_frame
from ..expressions import evaluate
from ..flow import Raised
from ..machine import Exhausted, Machine
from ..summaries import Summaries
from ..target import JaxLibrary
from ..values import Frame

STEPS_A_MODULE = 600_000


def target_machine(
    source: Machine, targets: Mapping[str, Module], gaps: Set[int] = frozenset()
) -> Machine:
    """A machine for translated modules over the sizes of `source`. They run when they are asked
    for."""
    target = Machine(
        source.rules,
        source.flavour,
        targets,
        source.trail,
        source.solver,
        Log(sees=False, shows=False),
        batch=source.batch,
        library=JaxLibrary(),
        gaps=gaps,
    )
    target.summaries = Summaries(target)
    target.evaluate = partial(evaluate, target)
    target.invoke = partial(invoke, target)
    return target


def loaded(m: Machine, name: str) -> Frame | None:
    """The variables of a module, which has steps of its own to run."""
    if name in m.frames:
        return m.frames[name]
    steps, m.steps = m.steps, STEPS_A_MODULE
    try:
        return module_frame(m, name)
    # Whatever stops it: what is defined by then can still be compared.
    except (Exhausted, Raised, RecursionError):
        reset(m)
        return m.frames.get(name)
    finally:
        m.steps = steps


def reset(m: Machine) -> None:
    m.muted, m.depth = m.switched_off, 0
    m.calls.clear()
    m.running.clear()
