"""The clauses of a record, read into one mutable collection that `build.py` turns into a record."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from lark import Token

from ...ir.nodes import Expression
from .errors import Place, RuleError, invalid
from .functions import FUNCTIONS
from .records import (
    Alias,
    Choice,
    Flavour,
    NoteClause,
    Parameter,
    Requirement,
    ShapeRule,
    Weight,
    WeightStep,
)
from .shapes import read_gives
from .template import Names, Text, parse_python, template
from .trees import Branch, Reader, tokens, trees, unquote
from .types import ANY, parse_type, pattern_names

UNUSED_TYPES = {"Ignored", "Noted", "Fixed", "Regularizer"}
"""Types whose parameters need not appear in a template."""
MODES = ("deterministic", "use_running_average")
DTYPE_CLASSES = ("numeric", "integer", "floating", "complex", "boolean", "string", "any")


@dataclass(slots=True)
class Scope:
    """The names that templates of one record may use, and which were used."""

    layer: bool = False
    family: bool = False
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    inputs: list[Parameter] = field(default_factory=list[Parameter])
    used: set[str] = field(default_factory=set[str])

    @property
    def variables(self) -> set[str]:
        names = {p.name for p in (*self.parameters, *self.inputs)}
        for parameter in (*self.parameters, *self.inputs):
            names |= pattern_names(parameter.type)
        if self.family:
            names.add("target")
        if self.layer:
            names |= {"rngs", "training"}
        return names

    def names(self, *extra: str) -> Names:
        return Names(self.variables | set(extra), FUNCTIONS, used=self.used.add)

    def template(self, text: Text, *extra: str) -> Expression:
        return template(text, self.names(*extra))

    def check_unused(self, place: Place) -> None:
        """Raises RuleError for a parameter that no clause uses and whose type does not say that it is dropped."""
        for parameter in self.parameters:
            if parameter.name not in self.used and parameter.type.kind not in UNUSED_TYPES:
                message = f"parameter `{parameter.name}` is declared and not used"
                hint = "use it in a template, or give it the type Ignored, Noted or Fixed[value]"
                raise invalid(place, message, hint)


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
        branches = [c for c in tree.children if not isinstance(c, (Token, type(None)))]
        branches = [c for c in branches if c.data not in known]
        for branch in branches:
            if branch.data not in allowed:
                place = reader.chunk(branch).place
                raise invalid(place, f"`{branch.data.rstrip('_')}` does not belong here")
        clauses.read(branches, reader, scope)
        return clauses

    def read(self, branches: Iterable[Branch], reader: Reader, scope: Scope) -> None:
        """Declarations first, so that templates may stand before or after them."""
        later: list[Branch] = []
        for branch in branches:
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
        node = next(c for c in tree.children if not isinstance(c, Token) and c is not None and c.data in CHOICES)
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
                self.where.append(_where(reader.chunk(chunks[0])))
            case "when" | "unless":
                self.requirements.append(_requirement(tree, reader, scope))
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
                self.weights += [_weight(w, reader, scope) for w in trees(tree, "weight")]
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
                if flavour not in ("keras2", "keras3"):
                    raise invalid(place, "flavour is keras2 or keras3")
                self.flavour = cast(Flavour, flavour)
            case _:
                raise invalid(place, f"`{tree.data.rstrip('_')}` does not belong here")


CHOICES = ("plain", "guarded", "conditional")


def read_params(tree: Branch, reader: Reader) -> list[Parameter]:
    found: list[Parameter] = []
    for param in trees(tree, "param"):
        token, kind, default = param.children
        place = reader.place(cast(Token, token))
        if any(p.name == str(token) for p in found):
            raise invalid(place, f"parameter `{token}` is declared twice")
        type_ = parse_type(reader.chunk(cast(Branch, kind))) if kind is not None else ANY
        value = None
        if default is not None:
            value = template(reader.chunk(cast(Branch, default)), Names(()))
        found.append(Parameter(str(token), type_, value))
    return found


def read_alias(tree: Branch, reader: Reader) -> Alias:
    renames: list[tuple[str, str]] = []
    defaults: list[tuple[str, Expression]] = []
    for rename in trees(tree, "rename"):
        ours, text = str(tokens(rename, "NAME")[0]), reader.chunk(trees(rename, "chunk")[0])
        if text.text.isidentifier() and text.text not in ("None", "True", "False"):
            renames.append((text.text, ours))
        else:
            defaults.append((ours, template(text, Names(()))))
    return Alias(str(tokens(tree, "SYMBOL")[0]), tuple(renames), tuple(defaults))


def _where(text: Text) -> tuple[str, tuple[str, ...]]:
    """`T in numeric - {bool}` as a variable and words: names are added, `-name` are taken away."""
    node = parse_python(text)
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()], comparators=[classes]):
            return name, tuple(_classes(classes, "", text))
        case _:
            raise invalid(text.place, "`where` reads `T in numeric`, `T in floating | {int32}`")


def _classes(node: ast.expr, sign: str, text: Text) -> Iterable[str]:
    match node:
        case ast.Name(id=name):
            yield sign + name
        case ast.Set(elts=elements):
            for element in elements:
                yield from _classes(element, sign, text)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.Sub() as op, right=right):
            yield from _classes(left, sign, text)
            yield from _classes(right, "-" if isinstance(op, ast.Sub) else sign, text)
        case _:
            raise invalid(text.place, f"dtype classes: {', '.join(DTYPE_CLASSES)}, or {{names}}")


def _requirement(tree: Branch, reader: Reader, scope: Scope) -> Requirement:
    text = reader.chunk(trees(tree, "chunk")[0])
    strings = tokens(tree, "STRING")
    hints = trees(tree, "hint")
    word = "unless" if tree.data == "unless" else "when"
    default = f"needs {text.text}" if word == "when" else f"not supported: {text.text}"
    return Requirement(
        word,
        scope.template(text),
        str(tokens(tree, "CODE")[0]),
        unquote(strings[0]) if strings else default,
        unquote(tokens(hints[0], "STRING")[0]) if hints else None,
    )


def _weight(tree: Branch, reader: Reader, scope: Scope) -> Weight:
    source, target = (str(token).partition("[") for token in tokens(tree, "WEIGHT"))
    steps = [s for branch in trees(tree, "steps") for s in _steps(branch, reader, scope)]
    guards = trees(tree, "chunk")
    return Weight(
        source[0],
        target[0],
        source[2].rstrip("]") or None,
        target[2].rstrip("]") or None,
        tuple(steps),
        scope.template(reader.chunk(guards[0])) if guards else None,
    )


STEPS = ("transpose", "reshape", "split", "concat", "permute", "flip", "squeeze", "expand", "cast", "slice", "sum", "scale")


def _steps(tree: Branch, reader: Reader, scope: Scope) -> Iterable[WeightStep]:
    for chunk in trees(tree, "chunk"):
        text = reader.chunk(chunk)
        node = parse_python(text)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in STEPS:
            raise invalid(text.place, f"unknown step `{text.text}`", f"steps: {', '.join(STEPS)}")

        def value(e: ast.expr, place: Place = text.place) -> Expression:
            return scope.template(Text(ast.unparse(e), place))

        yield WeightStep(
            node.func.id,
            tuple(value(a) for a in node.args),
            tuple((k.arg or "", value(k.value)) for k in node.keywords),
        )


__all__ = ["Clauses", "RuleError", "Scope", "read_alias", "read_params"]
