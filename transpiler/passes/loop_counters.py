"""Variables that count the iterations of a loop."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.nodes import Argument, Call, Constant, For, List, Name, Tuple


@dataclass(frozen=True, slots=True)
class Counter:
    """A variable and its first value; each iteration adds 1."""

    name: str
    start: int


def counter_of(loop: For) -> Counter | None:
    match loop.iterable, loop.target:
        case Call(function=Name(id="range"), arguments=(Argument(),)), Name(id=name):
            return Counter(name, 0)
        case (
            Call(
                function=Name(id="range"),
                arguments=(Argument(value=Constant(value=int(start))), Argument()),
            ),
            Name(id=name),
        ):
            return Counter(name, start)
        case (
            Call(function=Name(id="enumerate"), arguments=(Argument(),)),
            Tuple(elements=(Name(id=name), _)) | List(elements=(Name(id=name), _)),
        ):
            return Counter(name, 0)
        case _:
            return None
