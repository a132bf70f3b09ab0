"""Checks of records against the APIs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..api import Signature, SourceApi, TargetApi
from .errors import Problem
from .records import Record


class SourceSignatures(Protocol):
    def canonical(self, dotted_path: str, /) -> str | None: ...

    def signature(self, canonical: str, flavour: str | None = None, /) -> Signature | None: ...


class TargetSignatures(Protocol):
    def has(self, name: str, /) -> bool: ...

    def signature(self, name: str, /) -> Signature | None: ...

    def default(self, name: str, parameter: str, /) -> str | None: ...


def load_apis() -> tuple[SourceApi | None, TargetApi | None]:
    """The API data; None where it has not been generated."""
    source, target = SourceApi.load(), TargetApi.load()
    try:
        has_source = source.canonical("tensorflow.zeros") is not None
    except OSError:
        has_source = False
    try:
        has_target = target.has("jax.numpy.sum")
    except OSError:
        has_target = False
    return source if has_source else None, target if has_target else None


def lint(
    records: Iterable[Record], source: SourceApi | None, target: TargetApi | None
) -> list[Problem]:
    return []
