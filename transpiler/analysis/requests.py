"""A call of an API function that is worked out by code of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .machine import Machine
from .values import (
    NONE,
    Arguments,
    Place,
    Value,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call with its arguments by name; `extra` are those that no parameter took."""

    symbol: str
    bound: Mapping[str, Value]
    extra: Arguments
    place: Place

    def get(self, name: str, default: Value = NONE) -> Value:
        return self.bound.get(name, self.extra.keywords.get(name, default))

    @property
    def hidden(self) -> bool:
        return not self.extra.complete


Native = Callable[[Machine, Request], Value]
