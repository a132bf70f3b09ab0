"""Syntax trees of records to records: headers, families, and which clauses belong where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

from lark import Token, Tree

from ...ir.nodes import Expression, Node, map_children
from .clauses import Clauses
from .errors import Place, invalid
from .pieces import read_alias
from .records import (
    Alias,
    Choice,
    Kind,
    Naming,
    Record,
    Rule,
    Status,
    StatusKind,
    Value,
    variable_name,
)
from .scope import Scope
from .template import Names, template
from .trees import Branch, Reader, tokens, trees, unquote

LAYER_CLAUSES = {"on", "call", "mode", "then", "weights"}
NEEDS_TARGET = {"rule", "method", "attribute", "initializer", "activation", "optimizer", "metric"}
WITH_INPUTS = ("layer", "metric")


def build_record(tree: Branch, text: str, path: str) -> Iterator[Record]:
    """The records of one top-level record: one, or one an entry. Raises RuleError."""
    reader = Reader(text, path)
    match tree.data:
        case "value":
            yield from _values(tree, reader, [tree])
        case "values":
            yield from _values(tree, reader, trees(tree, "entry"))
        case "status":
            yield from _status(tree, reader)
        case "names":
            for naming in trees(tree, "naming"):
                symbol = str(tokens(naming, "SYMBOL")[0])
                for string in tokens(naming, "STRING"):
                    kind = cast(Kind, str(tokens(tree, "KIND")[0]))
                    yield Naming(kind, unquote(string), symbol, reader.place(string))
        case "family":
            yield from _family(tree, reader)
        case _:
            yield _rule(tree, reader)


def _values(tree: Branch, reader: Reader, entries: Iterable[Branch]) -> Iterator[Record]:
    flavour = Clauses.of(tree, reader, Scope(), {"flavour"}).flavour
    for entry in entries:
        names = Names(())
        body = template(reader.chunk(trees(entry, "chunk")[0]), names)
        for symbol in _entry_symbols(entry):
            yield Value(str(symbol), body, reader.place(symbol), flavour, str(symbol))


def _entry_symbols(entry: Branch) -> list[Token]:
    inner = trees(entry, "symbols")
    return tokens(inner[0], "SYMBOL") if inner else tokens(entry, "SYMBOL")[:1]


def _status(tree: Branch, reader: Reader) -> Iterator[Record]:
    clauses = Clauses.of(tree, reader, Scope(), {"flavour", "hint_line"})
    kind = cast(StatusKind, str(tokens(tree, "STATUS")[0]))
    reason = unquote(tokens(tree, "STRING")[0])
    inline = trees(tree, "hint")
    hint = unquote(tokens(inline[0], "STRING")[0]) if inline else clauses.hint
    for symbol in tokens(trees(tree, "symbols")[0], "SYMBOL"):
        yield Status(kind, str(symbol), reason, reader.place(symbol), hint, clauses.flavour)


def _rule(tree: Branch, reader: Reader) -> Rule:
    kind = cast(Kind, str(tokens(tree, "KIND")[0]))
    name = tokens(tree, "SYMBOL")[0]
    scope = Scope(layer=kind == "layer")
    clauses = Clauses()
    if tree.data in ("inline_call", "inline_plain"):
        clauses.read_from(name, tree, reader, scope, is_call=tree.data == "inline_call")
    clauses.read(trees_of_clauses(tree), reader, scope)
    if tree.data != "block":
        clauses.to += clauses.choices(tree, reader, scope)
    rule = _finish(clauses, kind, str(name), reader.place(name), _doc(tree))
    scope.check_unused(rule.place)
    return rule


def trees_of_clauses(tree: Branch) -> list[Branch]:
    skip = {"doc", "params", "plain", "guarded", "conditional", "chunk", "symbols", "hint"}
    return [child for child in tree.children if isinstance(child, Tree) and child.data not in skip]


def _doc(tree: Branch) -> str | None:
    found = trees(tree, "doc")
    if not found:
        return None
    return unquote(cast(Token, found[0].children[0])).strip()


def _finish(clauses: Clauses, kind: Kind, name: str, place: Place, doc: str | None) -> Rule:
    if clauses.symbol is None:
        raise invalid(place, f"{kind} `{name}` has no `from`")
    misplaced = clauses.seen & (LAYER_CLAUSES - ({"on"} if kind in WITH_INPUTS else set()))
    if kind != "layer" and misplaced:
        raise invalid(place, f"`{min(misplaced)}` belongs to layers, not to {kind} `{name}`")
    if kind in NEEDS_TARGET and not clauses.to:
        raise invalid(place, f"{kind} `{name}` has no `to`")
    if kind == "layer" and not clauses.to and not clauses.call:
        raise invalid(place, f"layer `{name}` has neither `to` nor `call`")
    if kind in WITH_INPUTS and not clauses.inputs:
        raise invalid(place, f"{kind} `{name}` has no `on`")
    for word, choices in (("to", clauses.to), ("call", clauses.call)):
        if choices and choices[-1].guard is not None and kind != "layer":
            message = f"the last `{word}` of `{name}` has a guard"
            raise invalid(place, message, "end with one that always applies, or add a `when`")
        if any(choice.guard is None for choice in choices[:-1]):
            raise invalid(place, f"a `{word}` of `{name}` follows one that always applies")
    return Rule(
        kind=kind,
        name=name,
        symbol=clauses.symbol,
        place=place,
        parameters=tuple(clauses.parameters),
        doc=doc,
        aliases=tuple(clauses.aliases),
        named=tuple(clauses.named),
        flavour=clauses.flavour,
        inputs=tuple(clauses.inputs),
        to=tuple(clauses.to),
        call=tuple(clauses.call),
        mode=clauses.mode,
        then=clauses.then,
        weights=tuple(clauses.weights),
        gives=clauses.gives,
        where=tuple(clauses.where),
        requirements=tuple(clauses.requirements),
        notes=tuple(clauses.notes),
        differs=tuple(clauses.differs),
        attempts=tuple(clauses.attempts),
        examples=tuple(clauses.examples),
        caveats=tuple(clauses.caveats),
        is_call=clauses.is_call,
    )


def _family(tree: Branch, reader: Reader) -> Iterator[Record]:
    name = tokens(tree, "SYMBOL")[0]
    scope = Scope(family=True)
    clauses = Clauses()
    branches = trees_of_clauses(tree)
    entries = [
        each for branch in branches if branch.data == "each_" for each in trees(branch, "each")
    ]
    clauses.read((branch for branch in branches if branch.data != "each_"), reader, scope)
    if clauses.symbol != "each":
        raise invalid(reader.place(name), f"family `{name}` needs `from each(...)`")
    if not entries:
        raise invalid(reader.place(name), f"family `{name}` has no `each`")
    whole = _finish(clauses, "rule", str(name), reader.place(name), _doc(tree))
    scope.check_unused(whole.place)
    for entry in entries:
        aliases = [read_alias(alias, reader) for alias in trees(entry, "alias")]
        body = template(reader.chunk(trees(entry, "chunk")[0]), Names(scope.variables))
        yield _member(
            whole, aliases, body, reader.place(tokens(trees(entry, "alias")[0], "SYMBOL")[0])
        )


def _member(whole: Rule, aliases: list[Alias], body: Expression, place: Place) -> Rule:
    first, *rest = aliases
    if first.renames or first.defaults:
        raise invalid(place, "the first symbol of an entry takes the parameters of `from each`")

    def fill(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        return tuple(Choice(with_variable(c.body, "target", body), c.guard) for c in choices)

    leaf = first.symbol.rpartition(".")[2]
    return replace(
        whole,
        name=f"{whole.name}.{leaf}",
        symbol=first.symbol,
        place=place,
        aliases=(*rest, *whole.aliases),
        to=fill(whole.to),
    )


def with_variable(e: Expression, name: str, value: Expression) -> Expression:
    """`e` with the metavariable `name` replaced."""

    def visit(node: Node) -> Node:
        if isinstance(node, Expression) and variable_name(node) == name:
            return value
        return map_children(node, visit)

    return cast(Expression, visit(e))
