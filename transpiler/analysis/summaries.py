"""What calls did, kept to be done again without following the function.

A call that has the form of an earlier one (see `forms`) goes the same way, with other names of
sizes: what it gives, writes, learns and asks is put down once, and copied. What a function reads
besides its arguments are variables of modules; a summary is of no use once one of them changed.
Nothing is kept of calls that report, or that change what modules hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ...ir.dims import Dim
from .effects import Effects, Summary, again, gathered
from .flow import Raised
from .forms import Form, Formless, cell_of, is_holder
from .machine import Machine
from .reach import extend
from .trail import MISSING
from .values import Arguments, Function, Place, Value

SMALLEST = 8
"""Functions of fewer nodes are followed each time."""
MOST_OF_A_FORM = 8
PATIENCE = 6
"""Functions that have so many calls to one that was known are followed from then on."""


@dataclass(frozen=True, slots=True)
class Start:
    """How things stand before a call: what must stay as it is, and the lengths of the logs."""

    mark: int
    same: tuple[object, ...]
    counter: int
    lengths: tuple[int, ...]
    rest: tuple[Any, ...]
    positive: frozenset[Hashable]


@dataclass(slots=True)
class Summaries:
    """Those of one machine. `hits` and `misses` count calls."""

    machine: Machine
    known: dict[object, list[Summary]] = field(default_factory=dict[object, list[Summary]])
    counts: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    modules: int = 0
    hits: int = 0
    misses: int = 0

    def call(
        self, function: Function, given: Arguments, place: Place, run: Callable[[], Value]
    ) -> Value:
        """What `run` gives, by an earlier call of the same form if there is one."""
        m = self.machine
        # Calls and hits of this function so far.
        count = self.counts.setdefault(id(function.node), [0, 0])
        unlike = count[0] > PATIENCE * (1 + count[1])
        if unlike or m.tables.bodies.of(function.node).size < SMALLEST:
            return run()
        count[0] += 1
        self.modules = extend(m, self.modules)
        form = Form(m.solver, m.tables, frozenset(v.key for v in m.batch.atoms()))
        try:
            form.tokens += [m.muted > 0, m.observing, m.policy, m.global_policy, m.switched_off]
            form.function(function)
            form.arguments(given)
            key = form.finished()
        except Formless:
            return run()
        entries = self.known.setdefault(key, [])
        for entry in entries:
            if self._fits(entry, form):
                self.hits += 1
                count[1] += 1
                m.step()
                return again(m, m.tables, entry, form, place)
        self.misses += 1
        entries[:] = [e for e in entries if e.version == m.trail.version]
        if len(entries) >= MOST_OF_A_FORM:
            return run()
        m.trail.clock[0] += 1
        time, start = m.trail.clock[0], self._start(form)
        value: Value | None = None
        try:
            value = run()
        except Raised:
            entry = self._summary(form, start, time, place, None)
            if entry is not None:
                entries.append(entry)
            raise
        entry = self._summary(form, start, time, place, value)
        if entry is not None:
            entries.append(entry)
        return value

    def _fits(self, entry: Summary, form: Form) -> bool:
        m = self.machine
        if entry.version != m.trail.version or (m.log.sees and not entry.saw):
            return False
        if entry.pinned and list(entry.inputs.variables) != list(form.variables):
            return False
        return all(form.texts[n].held == text for n, text in entry.read)

    def _start(self, form: Form) -> Start:
        m = self.machine
        solver = m.solver
        positive = frozenset(k for k in form.variables if k in solver.bounds.positive)
        rest = solver.cell.get("rest", ())
        return Start(
            m.trail.mark(), self._same(), solver.counter[0], self._lengths(), rest, positive
        )

    def _same(self) -> tuple[object, ...]:
        m = self.machine
        return (
            *(m.trail.version, len(m.frames), m.cuts, m.reports),
            *(m.policy, m.global_policy, m.switched_off, id(m.log)),
        )

    def _lengths(self) -> tuple[int, ...]:
        m, log = self.machine, self.machine.log
        return (
            *(len(m.solver.arguments), len(m.demanded), len(log.needs), len(log.muted_needs)),
            *(len(log.asked), len(log.layers), len(log.gaps)),
        )

    def _summary(
        self, form: Form, start: Start, time: int, place: Place, value: Value | None
    ) -> Summary | None:
        m, log = self.machine, self.machine.log
        if self._same() != start.same:
            return None
        arguments, demands, needs, muted, asked, layers, gaps = start.lengths
        effects = Effects(
            arguments=[
                (dim, rank, dims)
                for (dim, rank), dims in islice(m.solver.arguments.items(), arguments, None)
            ],
            demands=tuple(m.demanded[demands:]),
            needs=tuple(log.needs[needs:]),
            muted_needs=tuple(log.muted_needs[muted:]),
            asked=tuple(log.asked[asked:]),
            layers=tuple(log.layers[layers:]),
            gaps=tuple(log.gaps[gaps:]),
            positive=tuple(
                k
                for k in form.variables
                if k in m.solver.bounds.positive and k not in start.positive
            ),
        )
        if not self._writes(form, start, effects):
            return None
        read = tuple((n, t.held) for n, t in enumerate(form.texts) if t.seen >= time)
        try:
            return gathered(m, m.tables, Summary(form, place, value, effects, start.counter, read))
        except Formless:
            return None

    def _writes(self, form: Form, start: Start, effects: Effects) -> bool:
        """What was written to objects that the call was given, and learned of sizes; False when
        that cannot be done again."""
        m, solver = self.machine, self.machine.solver
        cells = {id(cell_of(v)): n for n, v in enumerate(form.held) if is_holder(v)}
        for (cell_id, key), (cell, value) in m.trail.changed(start.mark).items():
            number = cells.get(cell_id)
            if number is not None:
                effects.cells.append((number, key, value))
            elif cell is solver.solved:
                effects.solved.append((key, value))
            elif cell is solver.pairs:
                # What branches disagree on is not known.
                if value is not None:
                    effects.pairs.append((key, value))
            elif cell is solver.bounds.least or cell is solver.bounds.most:
                effects.bounds.append((cell is solver.bounds.most, key, value))
            elif cell is solver.cell:
                before = len(start.rest)
                if value is MISSING or value[:before] != start.rest:
                    return False
                effects.rest = value[before:]
                continue
            else:
                continue
            if value is MISSING:
                return False
        return True


__all__ = ["Dim", "Summaries"]
