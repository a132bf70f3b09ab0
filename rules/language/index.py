"""Records of many files, by symbol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .errors import OVERLAP, OVERRIDE, Problem
from .records import Naming, Record, Rule, Status, Value

FLAVOURS = ("", "keras3", "keras2")
"""Where to look when the Keras version is not given."""


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
            for name in FLAVOURS if flavour is None else (flavour, ""):
                found = table.get(f"{name}:{suffix}")
                if found is not None:
                    return found
            owner = suffix.removesuffix(".*").rpartition(".")[0]
            suffix = f"{owner}.*" if owner else ""
        return None


def build_index(groups: Iterable[Iterable[Record]]) -> tuple[list[Record], Index, list[Problem]]:
    """One group after the other; a later group overrides earlier ones, within a group symbols are
    unique.
    """
    numbered: list[Record] = []
    index = Index()
    problems: list[Problem] = []
    for group in groups:
        own: dict[tuple[int, str], Record] = {}
        named: dict[str, str] = {}
        for record in group:
            number = len(numbered)
            numbered.append(record)
            if isinstance(record, Naming):
                problems += _name(index, named, record, record.text)
                continue
            if isinstance(record, Status) and record.kind == "pass":
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
                        problems.append(Problem(record.place, message, OVERRIDE, is_warning=True))
                    table[key] = number
            if isinstance(record, Rule):
                for text in record.named:
                    problems += _name(index, named, record, text)
    return numbered, index, problems


def _name(index: Index, own: dict[str, str], record: Rule | Naming, text: str) -> list[Problem]:
    """Lets a string name the symbol; within a group it names only one."""
    name = f"{record.kind}:{text}"
    first = own.setdefault(name, record.symbol)
    index.named[name] = record.symbol
    if first == record.symbol:
        return []
    message = f"the {record.kind} {text!r} names `{first}` already"
    return [Problem(record.place, message, OVERLAP)]


def _tables(record: Rule | Value | Status, index: Index) -> tuple[dict[str, int], ...]:
    match record:
        case Value():
            return (index.values,)
        case Status():
            return (index.calls, index.values)
        case Rule():
            return (index.calls,)
