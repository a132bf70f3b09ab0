"""The clauses of a record, read into one mutable collection that `build.py` turns into a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from lark import Token

from ...ir.nodes import Expression
from .errors import Place, invalid
from .pieces import read_alias, read_params, read_requirement, read_weight, read_where
from .records import (
    Alias,
    Choice,
    Flavour,
    NoteClause,
    Parameter,
    Requirement,
    ShapeRule,
    Weight,
)
from .scope import Scope
from .shapes import read_gives
from .template import parse_python
from .trees import Branch, Reader, branches, tokens, trees, unquote
from .types import ANY

MODES = ("deterministic", "use_running_average")


def _no_strings() -> list[str]:
    return []


@dataclass(slots=True)
class Clauses:
    symbol: str | None = None
    is_call: bool = True
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    aliases: list[Alias] = field(default_factory=list[Alias])
    named: list[str] = field(default_factory=_no_strings)
    flavour: Flavour | None = None
    hint: str | None = None
    inputs: list[Parameter] = field(default_factory=list[Parameter])
    to: list[Choice] = field(default_factory=list[Choice])
    call: list[Choice] = field(default_factory=list[Choice])
    mode: str | None = None
    then: Expression | None = None
    weights: list[Weight] = field(default_factory=list[Weight])
    gives: ShapeRule | None = None
    where: list[tuple[str, tuple[str, ...]]] = field(
        default_factory=list[tuple[str, tuple[str, ...]]]
    )
    requirements: list[Requirement] = field(default_factory=list[Requirement])
    notes: list[NoteClause] = field(default_factory=list[NoteClause])
    differs: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    attempts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    examples: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    caveats: list[str] = field(default_factory=_no_strings)
    seen: set[str] = field(default_factory=set[str])

    @staticmethod
    def of(tree: Branch, reader: Reader, scope: Scope, allowed: set[str]) -> Clauses:
        """The clauses of a record that takes only `allowed` ones."""
        clauses = Clauses()
        known = {"entry", "naming", "symbols", "doc", "chunk", "hint"}
        found = [branch for branch in branches(tree) if branch.data not in known]
        for branch in found:
            if branch.data not in allowed:
                place = reader.chunk(branch).place
                raise invalid(place, f"`{branch.data.rstrip('_')}` does not belong here")
        clauses.read(found, reader, scope)
        return clauses

    def read(self, clauses: Iterable[Branch], reader: Reader, scope: Scope) -> None:
        """Declarations first, so that templates may stand before or after them."""
        later: list[Branch] = []
        for branch in clauses:
            match branch.data:
                case "from_call" | "from_plain":
                    place = reader.place(tokens(branch, "FROM")[0])
                    if self.symbol is not None:
                        raise invalid(place, "a second `from`", "other spellings go under `also`")
                    name = tokens(branch, "SYMBOL")[0]
                    self.read_from(name, branch, reader, scope, branch.data == "from_call")
                case "on":
                    self.inputs += read_params(trees(branch, "params")[0], reader)
                    scope.inputs = self.inputs
                case _:
                    later.append(branch)
            self.seen.add(branch.data)
        for branch in later:
            self._clause(branch, reader, scope)

    def read_from(
        self, name: Token, tree: Branch, reader: Reader, scope: Scope, is_call: bool
    ) -> None:
        self.symbol, self.is_call = str(name), is_call
        found = trees(tree, "params")
        self.parameters += read_params(found[0], reader) if found else []
        if not is_call:
            self.parameters.append(Parameter("self", ANY))
            scope.used.add("self")
        scope.parameters = self.parameters

    def choices(self, tree: Branch, reader: Reader, scope: Scope, *extra: str) -> list[Choice]:
        """The template, or template and guard, of a `choice`."""
        node = next(branch for branch in branches(tree) if branch.data in CHOICES)
        first, guard = node, None
        chain = node
        while chain.data == "conditional":
            chain = cast(Branch, chain.children[-1])
        parts = trees(chain, "chunk")
        if chain.data == "guarded":
            guard = scope.template(reader.chunk(parts[1]), *extra)
        body = scope.template(reader.between(first, parts[0]), *extra)
        return [Choice(body, guard)]

    def _clause(self, tree: Branch, reader: Reader, scope: Scope) -> None:
        chunks = trees(tree, "chunk")
        place = reader.place(cast(Token, tree.children[0])) if tree.children else Place("", 1)
        match tree.data:
            case "also":
                self.aliases += [read_alias(alias, reader) for alias in trees(tree, "alias")]
            case "named":
                self.named += [unquote(token) for token in tokens(tree, "STRING")]
            case "gives":
                self.gives = read_gives(reader.chunk(chunks[0]), scope.names(), self.inputs)
            case "where":
                self.where.append(read_where(reader.chunk(chunks[0])))
            case "when" | "unless":
                self.requirements.append(read_requirement(tree, reader, scope))
            case "note":
                guard = scope.template(reader.chunk(chunks[0])) if chunks else None
                code, text = str(tokens(tree, "CODE")[0]), unquote(tokens(tree, "STRING")[0])
                self.notes.append(NoteClause(code, text, guard))
            case "to":
                self.to += self.choices(tree, reader, scope)
            case "call":
                self.call += self.choices(tree, reader, scope, "self")
            case "mode":
                self.mode = str(tokens(tree, "SYMBOL")[0])
                if self.mode not in MODES:
                    raise invalid(place, f"mode is one of {', '.join(MODES)}")
            case "then":
                self.then = scope.template(reader.chunk(chunks[0]))
            case "weights":
                self.weights += [read_weight(w, reader, scope) for w in trees(tree, "weight")]
            case "differs":
                for differ in trees(tree, "differ"):
                    texts = [reader.chunk(c).text for c in trees(differ, "chunk")]
                    self.differs.append((str(tokens(differ, "NAME")[0]), texts[0], texts[1]))
            case "attempts":
                for attempt in trees(tree, "attempt"):
                    text = reader.chunk(trees(attempt, "chunk")[0]).text
                    self.attempts.append((str(tokens(attempt, "NAME")[0]), text))
            case "example":
                before, after = (reader.chunk(c) for c in chunks)
                parse_python(before)
                parse_python(after)
                self.examples.append((before.text, after.text))
            case "caveat":
                self.caveats.append(unquote(tokens(tree, "STRING")[0]))
            case "hint_line":
                self.hint = unquote(tokens(tree, "STRING")[0])
            case "flavour":
                flavour = str(tokens(tree, "SYMBOL")[0])
                if flavour != "keras2" and flavour != "keras3":
                    raise invalid(place, "flavour is keras2 or keras3")
                self.flavour = flavour
            case _:
                raise invalid(place, f"`{tree.data.rstrip('_')}` does not belong here")


CHOICES = ("plain", "guarded", "conditional")
