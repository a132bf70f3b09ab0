"""What is given to a program besides code, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ...ir.nodes import Module
from ...ir.span import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to report: a diagnostic code, where, and in which module."""

    module: str
    code: str
    message: str
    span: Span | None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """How one piece of source was translated: the span and the rule or pass responsible."""

    module: str
    span: Span
    by: str
    kind: str = "translated"
    note: str | None = None
    code: str | None = None


@dataclass(slots=True)
class ModuleInput:
    """One module to translate."""

    tree: Module
    api_spans: frozenset[Span] = frozenset()


class Driver(Protocol):
    """A module whose functions `calls` (`call(model, ...)`) apply what its function `build()`
    makes, to inputs of these dtypes and shapes."""

    @property
    def build(self) -> str: ...

    @property
    def calls(self) -> tuple[str, ...]: ...

    @property
    def inputs(self) -> Mapping[str, tuple[str, tuple[int, ...]]]: ...
