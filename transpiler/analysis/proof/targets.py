"""The machine that follows a translation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
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

STEPS_A_MODULE = 600_000


def target_machine(
    source: Machine,
    targets: Mapping[str, Module],
    gaps: Set[int] = frozenset(),
    wanted: Iterable[str] | None = None,
) -> Machine:
    """A machine for translated modules over the sizes of `source`; the `wanted` ones (all, if not
    given) have run on it, others run when they are asked for."""
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
    for name in targets if wanted is None else wanted:
        target.steps = STEPS_A_MODULE
        try:
            module_frame(target, name)
        # Whatever stops it: what is defined by then can still be compared.
        except (Exhausted, Raised, RecursionError):
            reset(target)
    return target


def reset(m: Machine) -> None:
    m.muted, m.depth = m.switched_off, 0
    m.calls.clear()
    m.running.clear()
