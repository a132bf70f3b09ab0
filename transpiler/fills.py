"""Open places of a translated module, and the code that somebody else has written for them.

A place that no rule or pass could translate is an `Unhandled` expression. It has a key that depends
on the module's name, the function around it and the source text of the place, so that it survives
edits elsewhere in the file. A `Fill` is a function of the place's live-ins that computes its value.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..ir.names import bound_names
from ..ir.nodes import (
    Argument,
    Attribute,
    Body,
    Call,
    ClassDef,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Import,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    Return,
    Statement,
    Symbol,
    Unhandled,
    children,
    map_children,
    replace_node,
    walk,
)
from ..ir.printer import print_ir
from ..rules.language.namespaces import TARGETS
from .frontend import lower_text
from .rewrite.snippets import show

TARGET_HEADS = frozenset(path.partition(".")[0] for path in TARGETS.values())


@dataclass(frozen=True, slots=True)
class LiveIn:
    """A value that a place reads: the parameter that stands for it, and how the code around the
    place spells it. `value`: an inner part of the place that is translated already."""

    name: str
    spelling: str
    value: Expression | None = None

    @property
    def given(self) -> Expression:
        return self.value or _spelled(self.spelling)


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """`scope`: the names of the definitions around it, outermost first. `body`: its source as an
    expression over `live_ins`; None, with a `reason`, where that cannot be said."""

    key: str
    module: str
    scope: tuple[str, ...]
    node: Unhandled
    live_ins: tuple[LiveIn, ...]
    body: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """`code`: a function `def region(live_ins...)` in terms of jnp, jax, lax, nnx; `by`: who wrote
    it, for the ledger."""

    key: str
    code: str
    by: str


def open_places(module: Module) -> list[OpenPlace]:
    """The places of a translated module that are still open, in order."""
    seen: Counter[str] = Counter()
    return [_place(module.name, scope, node, seen) for scope, node in _unhandled(module, ())]


def _unhandled(node: Node, scope: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Unhandled]]:
    if isinstance(node, Unhandled):
        yield scope, node
        return
    if isinstance(node, FunctionDef | ClassDef):
        scope = (*scope, node.name)
    for child in children(node):
        yield from _unhandled(child, scope)


def _place(module: str, scope: tuple[str, ...], node: Unhandled, seen: Counter[str]) -> OpenPlace:
    abstraction = _Abstraction()
    try:
        body = show(cast(Expression, abstraction.visit(node.original)))
        reason = abstraction.reason
    except TypeError as error:  # a node that has no text of its own
        body, reason = "", str(error)
    text = body or type(node.original).__name__
    seen[text] += 1
    identity = "\0".join([module, *scope, text, str(seen[text])])
    key = hashlib.sha256(identity.encode()).hexdigest()[:12]
    live_ins = tuple(
        LiveIn(name, spelling, abstraction.values.get(spelling))
        for spelling, name in abstraction.names.items()
    )
    return OpenPlace(key, module, scope, node, live_ins, None if reason else body, reason)


class _Abstraction:
    """Turns what a place reads from its surroundings into parameters."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Expression] = {}
        self.reason = ""
        self._bound: set[str] = set()

    def visit(self, node: Node) -> Node:
        match node:
            case Expression() if _is_translated(node) and not self._reads_bound(node):
                spelling = show(node)
                self.values[spelling] = node
                return Name(self._parameter(spelling, "value"))
            case Name(id=name) if name not in self._bound:
                return Name(self._parameter(name, name))
            case Attribute() if (path := _path(node)) is not None and path[0] not in self._bound:
                return Name(self._parameter(".".join(path), path[-1]))
            case Call(function=Attribute() as function) if _path(function) is not None:
                self.reason = self.reason or f"it calls `{'.'.join(_path(function) or ())}`"
                return node
            case Reference(name=name):
                self.reason = self.reason or f"it uses `{name}` of the project"
                return node
            case Unhandled():
                return self.visit(node.original)
            case Statement():
                self.reason = self.reason or "it is no expression"
                return node
            case _:
                before = set(self._bound)
                self._bound |= bound_names([node]) if _binds(node) else set()
                new = map_children(node, self.visit)
                self._bound = before
                return new

    def _reads_bound(self, node: Node) -> bool:
        return any(isinstance(n, Name) and n.id in self._bound for n in walk(node))

    def _parameter(self, spelling: str, wanted: str) -> str:
        if spelling not in self.names:
            taken = {*self.names.values(), *TARGETS, "tf", "keras", "region"}
            name, number = wanted.strip("_") or "value", 1
            while name in taken:
                number += 1
                name = f"{wanted.strip('_') or 'value'}_{number}"
            self.names[spelling] = name
        return self.names[spelling]


def _is_translated(node: Expression) -> bool:
    """Whether an inner part is code of the target: it calls JAX, and nothing of the source."""
    found = list(walk(node))
    if any(isinstance(n, OpCall | Unhandled | Reference) for n in found):
        return False
    heads = {n.path.partition(".")[0] for n in found if isinstance(n, Symbol)}
    return any(isinstance(n, Call) for n in found) and bool(heads) and heads <= TARGET_HEADS


def _binds(node: Node) -> bool:
    return type(node).__name__ in ("Lambda", "Comprehension")


def _path(node: Expression) -> tuple[str, ...] | None:
    """`self.scale` as its parts; None for attributes of anything but `self`."""
    parts: list[str] = []
    while isinstance(node, Attribute):
        parts.append(node.attribute)
        node = node.value
    if not isinstance(node, Name) or node.id != "self":
        return None
    return ("self", *reversed(parts))


# ------------------------------------------------------------------------------------------------
# filling


def apply_fills(
    module: Module, fills: Mapping[str, Fill]
) -> tuple[Module, list[tuple[OpenPlace, Fill]]]:
    """The module with every place filled that has a fill; a function of one expression is written
    in place, another becomes a private function above its first use.

    Raises SourceSyntaxError for code that does not parse, ValueError for code of another form.
    """
    places = [place for place in open_places(module) if place.key in fills]
    if not places:
        return module, []
    values: dict[int, Expression] = {}
    functions: dict[str, FunctionDef] = {}
    taken = {n.name for n in walk(module) if isinstance(n, FunctionDef | ClassDef)}
    taken |= {n.id for n in walk(module) if isinstance(n, Name)} | bound_names(module.body)
    for place in places:
        function = parse_fill(fills[place.key].code)
        inlined = _inlined(function, place)
        if inlined is not None:
            values[id(place.node)] = inlined
            continue
        name = _function_name(place, function, functions, taken)
        arguments = tuple(Argument(one.given) for one in place.live_ins)
        values[id(place.node)] = Call(Name(name), arguments)

    def visit(node: Node) -> Node:
        return values[id(node)] if id(node) in values else map_children(node, visit)

    filled = map_children(module, visit)
    if functions:
        body = _with_functions(filled.body, list(functions.values()))
        filled = replace_node(filled, body=body)
    return filled, [(place, fills[place.key]) for place in places]


def parse_fill(code: str) -> FunctionDef:
    """The function of a fill, its modules as symbols. Raises ValueError for code of another form,
    SourceSyntaxError for text that is no Python."""
    tree = lower_text(code, name="fill")
    functions = [node for node in tree.body if isinstance(node, FunctionDef)]
    others = [n for n in tree.body if not isinstance(n, FunctionDef | Import)]
    if len(functions) != 1 or others:
        raise ValueError("a fill is one function, with imports at most")
    return cast(FunctionDef, _detached(_symbols(functions[0])))


def _symbols(node: Node) -> Node:
    """Names of target modules as symbols, so that their imports are planned."""
    if isinstance(node, Attribute):
        parts = [node.attribute]
        inner = node.value
        while isinstance(inner, Attribute):
            parts.append(inner.attribute)
            inner = inner.value
        if isinstance(inner, Name) and inner.id in TARGETS:
            return Symbol(".".join([TARGETS[inner.id], *reversed(parts)]))
    return map_children(node, _symbols)


def _detached(node: Node) -> Node:
    """Without places: the text is not that of the file."""
    new = map_children(node, _detached)
    return replace_node(new, span=None)


def _inlined(function: FunctionDef, place: OpenPlace) -> Expression | None:
    """The value as an expression; None where the function has more than one statement, or would
    compute an argument twice."""
    body = [s for s in function.body if not isinstance(s, ExpressionStatement)]
    if len(body) != 1 or not isinstance(body[0], Return) or body[0].value is None:
        return None
    value = body[0].value
    if any(_binds(node) for node in walk(value)):
        return None
    uses = Counter(n.id for n in walk(value) if isinstance(n, Name))
    if any(one.value is not None and uses[one.name] != 1 for one in place.live_ins):
        return None
    arguments = {one.name: one.given for one in place.live_ins}
    order = [parameter.name for parameter in function.parameters]
    if order != [one.name for one in place.live_ins]:
        return None

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in arguments:
            return arguments[node.id]
        return map_children(node, visit)

    return cast(Expression, visit(value))


def _spelled(path: str) -> Expression:
    first, *rest = path.split(".")
    node: Expression = Name(first)
    for part in rest:
        node = Attribute(node, part)
    return node


def _function_name(
    place: OpenPlace, function: FunctionDef, functions: dict[str, FunctionDef], taken: set[str]
) -> str:
    """The name of an equal function that is there, or a new one."""
    for name, known in functions.items():
        if _text(known) == _text(replace_node(function, name=name)):
            return name
    symbols = [n.symbol for n in walk(place.node.original) if isinstance(n, OpCall)]
    wanted = symbols[0].rpartition(".")[2] if symbols else "region"
    wanted = "_" + "".join(c if c.isalnum() else "_" for c in wanted.lower()).strip("_")
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    functions[name] = replace_node(function, name=name)
    return name


def _text(node: Node) -> str:
    return print_ir(node)


def _with_functions(body: Body, functions: Sequence[FunctionDef]) -> Body:
    """Below the imports at the top, above everything else."""
    last = -1
    for number, statement in enumerate(body):
        if isinstance(statement, Import):
            last = number
        elif isinstance(statement, FunctionDef | ClassDef):
            break
    docstring = last < 0 and body and isinstance(body[0], ExpressionStatement)
    at = 1 if docstring else last + 1
    return (*body[:at], *functions, *body[at:])
