"""A call of a shape function that is checked, and what all checks ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .broadcasting import whole as made
from .machine import Machine
from .text import shape_text
from .values import (
    NONE,
    Place,
    Size,
    Tensor,
    Value,
)


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments of a shape function, and the place to blame. `keras`: a Keras layer asks."""

    machine: Machine
    place: Place
    arguments: Sequence[Value]
    keras: bool = False
    origin: Place | None = None

    def at(self, index: int, default: Value = NONE) -> Value:
        return self.arguments[index] if index < len(self.arguments) else default

    def tensor(self, index: int) -> Tensor | None:
        """The argument as a tensor of known rank."""
        value = self.at(index)
        return value if isinstance(value, Tensor) and value.dims is not None else None

    def report(
        self, code: str, message: str, *notes: tuple[Place | None, str], hint: str | None = None
    ) -> bool:
        extra = ((self.origin, "the layer is made here"),) if self.origin else ()
        self.machine.report(code, self.place, message, (*notes, *extra), hint)
        return False


def rank_is(call: Call, x: Tensor | None, ranks: Sequence[int], what: str) -> bool:
    if x is None or x.rank in ranks:
        first = call.at(0)
        if isinstance(first, Size) and not first.sure and len(ranks) == 1:
            call.machine.demand(first.dim, ranks[0])
        return True
    wanted = " or ".join(map(str, ranks))
    message = f"{what} needs {wanted} axes, but the input {shape_text(x.dims)} has {x.rank}"
    return call.report("TJ4003", message, made(x))


def axis_in(call: Call, axis: int | None, rank: int | None, what: str, x: Tensor | None) -> bool:
    if axis is None or rank is None or -rank <= axis < rank:
        return True
    message = f"{what} along axis {axis} of a tensor of rank {rank}"
    return call.report("TJ4004", message, *([made(x)] if x is not None else []))
