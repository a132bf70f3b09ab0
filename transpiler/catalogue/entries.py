"""Entries of the catalogue, read off the loaded rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast

from ...ir.nodes import Expression, Name, Node, Symbol, map_children, walk
from ...rules.api import SourceApi
from ...rules.language.records import Naming, Record, Rule, Status, Value
from ...rules.language.ruleset import RuleSet
from ..prove.record import Proofs
from ..rewrite.snippets import show

STATUSES = ("translated", "pass", "kept", "dropped", "refused")
WORDS = {"refuse": "refused", "drop": "dropped", "keep": "kept", "pass": "pass"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of one symbol.

    `status`: "translated" by a rule, by a "pass" of the compiler, "kept" on the host, "dropped" or
    "refused". `target`: the templates as text; `reason` and `hint` of a symbol without a rule;
    `proof`: the level of the last proof with the number of cases, why there is none, or that it is
    out of date; None when nothing is known.
    """

    symbol: str
    status: str
    place: str
    family: str
    kind: str
    rule: str = ""
    doc: str = ""
    flavour: str | None = None
    target: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    hint: str | None = None
    examples: tuple[tuple[str, str], ...] = ()
    proof: str | None = None
    overrides: bool = False


def catalogue(rules: RuleSet, proofs: Proofs | None = None) -> list[Entry]:
    """Every entry, by symbol. `proofs` are those that the package carries.

    A symbol has one entry for each Keras version that has a record of its own. An entry of
    the user that replaces a built-in one says so.
    """
    found: dict[tuple[str, str, str | None], Entry] = {}
    for record in rules.records():
        for entry in _entries(record):
            use = "value" if entry.kind == "value" else "call"
            key = (entry.symbol, use, entry.flavour)
            proof = None
            # A rule that replaces another has no proof that the package could carry.
            if proofs is not None and isinstance(record, Rule) and key not in found:
                proof = proofs.of(record, entry.symbol)
            found[key] = replace(entry, proof=proof, overrides=key in found)
    return sorted(found.values(), key=lambda e: (e.symbol, e.kind, e.flavour or ""))


def find(entries: list[Entry], spelling: str, api: SourceApi) -> list[Entry]:
    """The entries for a symbol in any spelling; those of the prefix that covers it, if none."""
    symbol = api.canonical(spelling) or spelling
    names = [symbol, *([f"tf.{symbol}", f"keras.{symbol}"] if "." not in symbol else [])]
    wanted = {api.canonical(name) or name for name in names}
    found = [entry for entry in entries if entry.symbol in wanted]
    owner = symbol
    while not found and "." in owner:
        owner = owner.rpartition(".")[0]
        found = [entry for entry in entries if entry.symbol == f"{owner}.*"]
    return found


def _entries(record: Record) -> Iterator[Entry]:
    place, family = str(record.place).rpartition(":")[0], PurePath(record.place.path).stem
    match record:
        case Rule():
            bodies = [choice.body for choice in (*record.to, *record.call)]
            for symbol in record.symbols():
                yield Entry(
                    symbol,
                    "translated",
                    place,
                    family,
                    record.kind,
                    record.name,
                    record.doc or "",
                    record.flavour,
                    tuple(dict.fromkeys(_text(body) for body in bodies)),
                    tuple(sorted({name for body in bodies for name in _helpers(body)})),
                    record.caveats,
                    tuple(f"{note.code}: {note.message}" for note in record.notes),
                    examples=record.examples,
                )
        case Value():
            target, helpers = (_text(record.body),), tuple(sorted(_helpers(record.body)))
            yield Entry(
                record.symbol,
                "translated",
                place,
                family,
                "value",
                record.name,
                flavour=record.flavour,
                target=target,
                helpers=helpers,
            )
        case Status():
            yield Entry(
                record.symbol,
                WORDS[record.kind],
                place,
                family,
                "status",
                record.symbol,
                flavour=record.flavour,
                reason=record.reason,
                hint=record.hint,
            )
        case Naming():
            pass


def _helpers(body: Expression) -> Iterator[str]:
    for node in walk(body):
        if isinstance(node, Symbol) and node.path.startswith("tf_compat."):
            yield node.path.removeprefix("tf_compat.")


def _text(body: Expression) -> str:
    """A template as a rule file has it."""

    def visit(node: Node) -> Node:
        if isinstance(node, Name):
            return Name(node.id.lstrip("$@"))
        return map_children(node, visit)

    return show(cast(Expression, visit(body)))
