"""What there is to prove: symbols with the rule that translates them, and their fixed cases."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from ...ir.nodes import Node, OpCall, map_children
from ...rules.api import SourceApi
from ...rules.language import RuleError, RuleSet
from ...rules.language.records import Rule, Status, Value
from ...rules.prove.tables import Line, read_tables
from ..rewrite import snippets

SAMPLED = ("rule", "layer", "activation", "method", "attribute", "optimizer", "metric")
OBJECTS = ("layer", "optimizer", "metric")
"""Kinds of which both Keras versions are tried: the versions compute differently."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One symbol in one Keras version. `fixed` are lines of the tables, `uses` the symbols that
    these lines use beside it."""

    symbol: str
    keras: str
    rule: Rule
    fixed: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return self.rule.place.path.removesuffix(".rules")

    @property
    def key(self) -> str:
        return f"{self.keras}:{self.symbol}"


def find_units(rules: RuleSet, tables: bool = True) -> list[Unit]:
    """Every symbol of every rule, in the order of the files."""
    units: dict[str, Unit] = {}
    for record in rules.records():
        if isinstance(record, Rule) and record.kind in SAMPLED:
            for symbol in record.symbols():
                for keras in _flavours(record, symbol):
                    if rules.for_symbol(symbol, keras) == record:
                        unit = Unit(symbol, keras, record)
                        units.setdefault(unit.key, unit)
    if tables:
        _attach(units, rules, read_tables())
    return list(units.values())


def _flavours(rule: Rule, symbol: str) -> tuple[str, ...]:
    """Both Keras versions for layers and what both have; the newest for the rest."""
    if rule.flavour is not None:
        return (rule.flavour,)
    if not symbol.startswith("keras."):
        return ("keras3",)
    api = SourceApi.load()
    has = tuple(k for k in api.flavours(symbol) if api.signature(symbol, k) is not None)
    has = tuple(k for k in ("keras3", "keras2") if k in has)
    return (has if rule.kind in OBJECTS else has[:1]) or ("keras3",)


def _attach(units: dict[str, Unit], rules: RuleSet, lines: Iterable[Line]) -> None:
    """Gives each line to the outermost of its symbols that has a unit."""
    for line in lines:
        for keras in line.flavours:
            found = _symbols(line.source, rules.for_flavour(keras))
            keys = [key for s in found if (key := _key(units, s, keras)) is not None]
            if not keys:
                continue
            unit = units[keys[0]]
            rest = tuple(dict.fromkeys((*unit.uses, *keys[1:])))
            units[keys[0]] = replace(unit, fixed=(*unit.fixed, line.text), uses=rest)


def _key(units: dict[str, Unit], symbol: str, keras: str) -> str | None:
    for name in (keras, "keras3", "keras2") if not symbol.startswith("keras.") else (keras,):
        if f"{name}:{symbol}" in units:
            return f"{name}:{symbol}"
    return None


def _symbols(text: str, rules: RuleSet) -> list[str]:
    """The API functions that an expression calls, outermost first."""
    found: list[str] = []

    def visit(node: Node) -> Node:
        if isinstance(node, OpCall):
            found.append(node.symbol)
        return map_children(node, visit)

    try:
        visit(snippets.parse_source(text, rules))
    except (RuleError, SyntaxError):
        return []
    return found


def chosen(units: Iterable[Unit], patterns: Iterable[str]) -> list[Unit]:
    """Those whose symbol, rule or family matches a pattern: `tf.math.*`, `reduce_sum`, `tf/nn`."""
    wanted = list(patterns)
    if not wanted:
        return list(units)
    return [
        unit
        for unit in units
        for names in [(unit.symbol, unit.rule.name, unit.family)]
        if any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in wanted)
    ]


def shard(units: Iterable[Unit], part: int, parts: int) -> list[Unit]:
    """A fair part of the units: the same in every run, of every family alike."""
    return [u for u in units if order(u.key) % parts == part]


def sample(units: Iterable[Unit], size: int, seed: int, changed: Container[str] = ()) -> list[Unit]:
    """At most `size` units: half of them from the `changed` ones (keys), if there are so many; then
    one of each family, then the rest: another fair part for each seed."""
    mixed = sorted(units, key=lambda unit: order(f"{seed} {unit.key}"))
    first = [unit for unit in mixed if unit.key in changed][: size // 2]
    rest = [unit for unit in mixed if unit not in first]
    one_each = list({unit.family: unit for unit in reversed(rest)}.values())
    rest = one_each + [unit for unit in rest if unit not in one_each]
    return first + rest[: size - len(first)]


def order(text: str) -> int:
    """A number that mixes units evenly, the same in every run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class Others:
    """Records that there is nothing to run for, by family: refused, dropped, kept, constants."""

    refused: dict[str, int]
    values: dict[str, int]
    objects: dict[str, int]


def count_others(rules: RuleSet) -> Others:
    found = Others({}, {}, {})
    for record in rules.records():
        family = record.place.path.removesuffix(".rules")
        match record:
            case Status():
                found.refused[family] = found.refused.get(family, 0) + 1
            case Value():
                found.values[family] = found.values.get(family, 0) + 1
            case Rule() if record.kind not in SAMPLED:
                count = len(record.symbols())
                found.objects[family] = found.objects.get(family, 0) + count
            case _:
                pass
    return found
