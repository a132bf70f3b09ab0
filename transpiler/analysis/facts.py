"""What a run of the program told of its functions: taken where nothing else is known.

Facts are observed, not proved: they hold for the calls that ran, and what is built on them says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...ir.dims import Dim
from .machine import Machine
from .values import UNKNOWN, Const, Fixed, Function, Listing, Place, Tensor, Value


@dataclass(frozen=True, slots=True)
class ArrayFact:
    """An array. A size that differed from call to call is None."""

    dtype: str | None
    dims: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class LiteralFact:
    """A Python number, text, or None that was the same in all calls."""

    value: object


@dataclass(frozen=True, slots=True)
class ListFact:
    items: tuple[Fact | None, ...]
    is_tuple: bool


Fact = ArrayFact | LiteralFact | ListFact
Facts = Mapping[tuple[str, str], Mapping[str, Fact]]
"""By module and qualified name (`Block.call`), parameters by name."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The facts of a run, and how many calls they come from."""

    facts: Facts = field(default_factory=dict[tuple[str, str], Mapping[str, Fact]])
    calls: int = 0


def of_function(m: Machine, function: Function) -> Mapping[str, Fact]:
    name = getattr(function.node, "name", "")
    owner = "" if function.cls is None else f"{function.cls.node.name}."
    return m.facts.get((function.frame.module, f"{owner}{name}"), {})


def value_of(m: Machine, fact: Fact | None, place: Place, name: str) -> Value:
    """The value as the analysis has it; sizes that differed are open."""
    match fact:
        case ArrayFact(dtype, dims):
            letters = {1: "N", 2: "BN", 3: "BLC", 4: "BHWC", 5: "BDHWC"}.get(len(dims), "")
            sizes = tuple(
                Dim.of(d) if d is not None else m.solver.fresh(letters[i : i + 1] or f"{name}{i}")
                for i, d in enumerate(dims)
            )
            return Tensor(sizes, dtype, (place,) * len(sizes))
        case LiteralFact(value):
            return Const(value)
        case ListFact(items, is_tuple):
            found = tuple(value_of(m, f, place, name) for f in items)
            return Fixed(found) if is_tuple else Listing({"items": found})
        case None:
            return UNKNOWN
