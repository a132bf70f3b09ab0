"""Records of many files, by symbol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from .errors import OVERLAP, Place, Problem
from .records import Alias, Naming, Record, Rule, Status, Value

FLAVOURS = ("", "keras2", "keras3")


class Spelling(Protocol):
    """What the index asks of the source API."""

    def canonical(self, dotted_path: str, /) -> str | None: ...


@dataclass(slots=True)
class Index:
    """Numbers of records by `flavour:symbol`; flavour is empty for records of every flavour."""

    calls: dict[str, int] = field(default_factory=dict[str, int])
    values: dict[str, int] = field(default_factory=dict[str, int])
    named: dict[str, str] = field(default_factory=dict[str, str])

    @staticmethod
    def find(table: Mapping[str, int], symbol: str, flavour: str | None) -> int | None:
        """The record for a symbol, for a prefix `a.b.*` of it, or None."""
        suffix = symbol
        while suffix:
            for key in (f"{flavour}:{suffix}", f":{suffix}"):
                found = table.get(key)
                if found is not None:
                    return found
            owner = suffix.removesuffix(".*").rpartition(".")[0]
            suffix = f"{owner}.*" if owner else ""
        return None


def canonical_records(
    records: Iterable[Record], api: Spelling | None
) -> tuple[list[Record], list[Problem]]:
    """Records with canonical symbols; aliases of one symbol merged. Unknown symbols are problems."""
    problems: list[Problem] = []

    def spell(symbol: str, place: Place) -> str:
        if api is None:
            return symbol
        stem = symbol.removesuffix(".*")
        found = api.canonical(stem)
        if found is None:
            problems.append(Problem(place, f"the API has no symbol `{stem}`", is_warning=True))
            return symbol
        return found + symbol[len(stem) :]

    result: list[Record] = []
    for record in records:
        symbol = spell(record.symbol, record.place)
        if isinstance(record, Rule):
            aliases: dict[str, Alias] = {}
            for alias in record.aliases:
                name = spell(alias.symbol, record.place)
                if name != symbol:
                    aliases.setdefault(name, replace(alias, symbol=name))
            record = replace(record, symbol=symbol, aliases=tuple(aliases.values()))
        else:
            record = replace(record, symbol=symbol)
        result.append(cast(Record, record))
    return result, problems


def build_index(groups: Iterable[Iterable[Record]]) -> tuple[list[Record], Index, list[Problem]]:
    """One group after the other; a later group overrides earlier ones, within a group symbols are unique."""
    numbered: list[Record] = []
    index = Index()
    problems: list[Problem] = []
    for group in groups:
        own: dict[tuple[int, str], Record] = {}
        for record in group:
            number = len(numbered)
            numbered.append(record)
            if isinstance(record, Naming):
                index.named[f"{record.kind}:{record.text}"] = record.symbol
                continue
            flavour = record.flavour or ""
            symbols = record.symbols() if isinstance(record, Rule) else (record.symbol,)
            for table in _tables(record, index):
                for symbol in symbols:
                    key = f"{flavour}:{symbol}"
                    other = own.get((id(table), key))
                    if other is not None:
                        message = f"`{symbol}` is already covered at {other.place}"
                        problems.append(Problem(record.place, message, OVERLAP))
                    own[id(table), key] = record
                    if key in table and other is None:
                        earlier = numbered[table[key]]
                        message = f"overrides the rule for `{symbol}` at {earlier.place}"
                        problems.append(Problem(record.place, message, OVERLAP, is_warning=True))
                    table[key] = number
            if isinstance(record, Rule):
                for text in record.named:
                    index.named[f"{record.kind}:{text}"] = record.symbol
    return numbered, index, problems


def _tables(record: Rule | Value | Status, index: Index) -> tuple[dict[str, int], ...]:
    match record:
        case Value():
            return (index.values,)
        case Status():
            return (index.calls, index.values)
        case Rule():
            return (index.calls,)
