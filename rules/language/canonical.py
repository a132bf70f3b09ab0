"""Symbols of records in their one canonical spelling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from .errors import Place, Problem
from .namespaces import is_source
from .records import Alias, Record, Rule


class Spelling(Protocol):
    """What is asked of the source API."""

    def canonical(self, dotted_path: str, /) -> str | None: ...


def canonical_records(
    records: Iterable[Record], api: Spelling | None
) -> tuple[list[Record], list[Problem]]:
    """Records with canonical symbols; aliases that turn out to be one symbol are merged.

    A symbol of TF or Keras that the API does not have is a mistake; for members of classes (the API
    data lacks some that exist only at run time) it is a warning; symbols of other packages stay as
    they are.
    """
    problems: list[Problem] = []

    def spell(symbol: str, place: Place, is_member: bool) -> str:
        stem = symbol.removesuffix(".*")
        found = None if api is None else api.canonical(stem)
        if found is not None:
            return found + symbol[len(stem) :]
        if api is not None and is_source(stem):
            message = f"the API has no symbol `{stem}`"
            problems.append(Problem(place, message, is_warning=is_member))
        return symbol

    result: list[Record] = []
    for record in records:
        is_member = isinstance(record, Rule) and record.kind in ("method", "attribute")
        symbol = spell(record.symbol, record.place, is_member)
        if isinstance(record, Rule):
            aliases: dict[str, Alias] = {}
            for alias in record.aliases:
                name = spell(alias.symbol, record.place, is_member)
                if name != symbol:
                    aliases.setdefault(name, replace(alias, symbol=name))
            result.append(replace(record, symbol=symbol, aliases=tuple(aliases.values())))
        else:
            result.append(replace(record, symbol=symbol))
    return result, problems
