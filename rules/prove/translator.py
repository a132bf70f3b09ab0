"""What the ladder asks of the compiler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

NO_ARGUMENTS: Mapping[str, str] = MappingProxyType({})
Shapes = Mapping[str, tuple[tuple[int, ...], str]]
"""Shape and dtype of the named inputs."""


class RefusedError(Exception):
    """The rule says no, with a code: no failure of the rule."""


@dataclass(frozen=True, slots=True)
class LayerCode:
    """A translated layer: `constructor` is None for one without parameters; `weights` are Keras
    name, target path and array steps; `mode` is the argument that says train or eval."""

    constructor: str | None
    application: str
    weights: tuple[tuple[str, str, tuple[Mapping[str, Any], ...]], ...] = ()
    mode: str | None = None
    wrapped: tuple[tuple[str, str], ...] = ()


class Translator(Protocol):
    """Raises RefusedError where a rule refuses, ValueError where the text is beyond it."""

    def expression(self, text: str, keras: str, owner: str, known: Shapes | None) -> str:
        """The target text; `known` are facts that it may use."""
        ...

    def layer(
        self,
        text: str,
        keras: str,
        inputs: Sequence[str],
        call: Mapping[str, str],
        merge: bool,
        training: str | None,
        known: Shapes,
    ) -> LayerCode: ...

    def stated(
        self,
        text: str,
        keras: str,
        inputs: Sequence[str],
        merge: bool,
        known: Shapes,
        call: Mapping[str, str] = NO_ARGUMENTS,
    ) -> list[tuple[tuple[int | None, ...] | None, str | None]] | None:
        """What `gives` says: sizes (None: open) and dtype of each result. None: nothing."""
        ...

    def again(self, text: str, names: Sequence[str]) -> str:
        """Translates target text once more: it must come out as it went in."""
        ...

    def move(self, array: Any, steps: Sequence[Mapping[str, Any]]) -> Any:
        """A Keras weight as the target wants it."""
        ...
