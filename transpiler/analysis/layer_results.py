"""What layers gave, kept for when a layer with the same arguments is called alike at its place.

A block of layers is made and called over and over with the same numbers. Only what leaves no trace
is kept: nothing was reported, learned or asked, and no size was made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from .machine import Machine
from .tracked import Tracked
from .values import Fixed, Layer, Listing, Place, Tensor, Value, items_of


@dataclass(frozen=True, slots=True)
class Result:
    """`read`: the literals that mattered, by number."""

    value: Value
    read: tuple[int, ...]


@dataclass(slots=True)
class LayerResults:
    """Those of one machine."""

    known: dict[Hashable, Result] = field(default_factory=dict[Hashable, Result])

    def get(
        self,
        m: Machine,
        layer: Layer,
        called: Mapping[str, Value],
        place: Place,
        make: Callable[[], Value],
    ) -> Value:
        """The result of the layer for these inputs, which `make` gives if it is not known."""
        literals = m.tables.literals(layer.arguments)
        inputs = [_tensors(v) for v in called.values()]
        if literals is None or not all(i is not None and _settled(m, i) for i in inputs):
            return make()
        number, texts = literals
        key = (
            *(layer.symbol, number, tuple(t.held for t in texts), layer.place, place),
            *(tuple(called), *inputs, m.muted > 0, m.compute, m.policy),
        )
        found = self.known.get(key)
        if found is not None:
            for index in found.read:
                texts[index].note()
            return found.value
        before, time = _traces(m), m.trail.clock[0]
        value = make()
        if _traces(m) == before:
            self.known[key] = Result(value, _read(texts, time))
        return value


def _read(texts: tuple[Tracked, ...], time: int) -> tuple[int, ...]:
    return tuple(n for n, text in enumerate(texts) if text.seen >= time)


def _tensors(value: Value) -> tuple[type, *tuple[Tensor, ...]] | None:
    """The tensors that go in, None if something else does."""
    items = (value,) if isinstance(value, Tensor) else items_of(value)
    if items is None or not isinstance(value, (Tensor, Fixed, Listing)):
        return None
    found = [v for v in items if isinstance(v, Tensor) and v.dims is not None]
    return (type(value), *found) if len(found) == len(items) else None


def _settled(m: Machine, inputs: tuple[type, *tuple[Tensor, ...]]) -> bool:
    """Whether nothing was learned of the sizes."""
    solver = m.solver
    learned = solver.solved, solver.bounds.least, solver.bounds.most
    if not any(learned):
        return True
    _, *tensors = inputs
    keys = {v.key for x in tensors for d in x.dims or () for v in d.variables()}
    return not any(k in known for known in learned for k in keys)


def _traces(m: Machine) -> tuple[int, ...]:
    log = m.log
    return (
        *(m.solver.counter[0], m.trail.mark(), m.reports, len(m.demanded)),
        *(len(log.needs), len(log.muted_needs), len(log.asked), len(m.solver.arguments)),
    )
