"""Which definition of the translation stands for which of the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["layer", "class", "factory", "builder", "plain"]


@dataclass(frozen=True, slots=True)
class Pair:
    """`kind`: "layer", a class for a class; "class", a class that is built and called for a
    function; "factory", a class for what a function returns; "builder", a function that returns a
    module; "plain", a function for a function. `tensors`: parameters of the source that are
    arrays."""

    module: str
    name: str
    target: str
    kind: Kind
    tensors: tuple[str, ...] = ()
