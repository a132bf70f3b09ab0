"""Models of `keras.applications` whose source came along: calls lead there, and weights do not.

    base = keras.applications.VGG16(weights=None)    from applications.vgg16 import VGG16
                                                     base = VGG16()

A model is built without the weights that Keras would download: the statements that load them go.
The files are then compiled for the way in which the project uses them (`specialised.py`).
It runs on the source, before staging.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    If,
    Module,
    Name,
    Node,
    OpCall,
    Pass,
    Reference,
    Statement,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span
from .specialised import specialised

WEIGHTS = "weights"
_DEFAULT = Constant("imagenet")
_LOADS = frozenset({"load_weights"})


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A call that asks for trained weights, and the model that it asks for."""

    module: str
    model: str
    span: Span | None


@dataclass(slots=True)
class Led:
    """What became of the modules; `gone`: the statements that loaded weights."""

    trees: dict[str, Module]
    asked: list[Pretrained] = field(default_factory=list[Pretrained])
    gone: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])


def with_application_models(
    trees: Mapping[str, Module],
    provided: Mapping[str, tuple[str, str]],
    library: frozenset[str],
) -> Led:
    """Calls of the `provided` symbols (symbol -> module, name) lead to their source. `library`: the
    modules that came along."""
    led = Led(dict(trees))
    if not provided:
        return led
    for name, tree in trees.items():
        work = _Work(name, provided, name in library)
        new = work.visit(tree)
        assert isinstance(new, Module)
        if name in library:
            body = tuple(s for s in new.body if not _is_documentation(s))
            gone = [s.span for s in new.body if _is_documentation(s) and s.span is not None]
            led.gone += [(name, span) for span in gone]
            new = replace_node(new, body=body)
        led.trees[name] = new
        led.asked += work.asked
        led.gone += [(name, span) for span in work.gone]
    special = specialised(led.trees, library)
    led.trees = special.trees
    led.gone += special.gone
    for name in library:
        led.trees[name], gone = _without_unread(led.trees, name)
        led.gone += [(name, span) for span in gone]
    return led


def _without_unread(trees: Mapping[str, Module], module: str) -> tuple[Module, list[Span]]:
    """A module without the constants and documentation that nothing reads any more."""
    read = {
        node.name
        for tree in trees.values()
        for node in walk(tree)
        if isinstance(node, Reference) and node.module == module
    }
    read |= {node.id for s in trees[module].body for node in _reads(s)}
    kept: list[Statement] = []
    gone: list[Span] = []
    for statement in trees[module].body:
        if isinstance(statement, Assign) and all(_is_idle(t, read) for t in statement.targets):
            gone += [statement.span] if statement.span is not None else []
        else:
            kept.append(statement)
    return replace_node(trees[module], body=tuple(kept)) if gone else trees[module], gone


def _reads(statement: Statement) -> Iterator[Name]:
    targets = statement.targets if isinstance(statement, Assign) else ()
    for node in walk(statement):
        if isinstance(node, Name) and not any(node is target for target in targets):
            yield node


def _is_idle(target: Expression, read: set[str]) -> bool:
    return isinstance(target, Name) and target.id not in read


def _is_documentation(statement: Statement) -> bool:
    """`f.__doc__ = text` and `setattr(f, "__doc__", text)`, perhaps under a test."""
    match statement:
        case Assign(targets=(Attribute(attribute="__doc__"),)):
            return True
        case ExpressionStatement(
            value=Call(
                function=Name(id="setattr"),
                arguments=(_, Argument(value=Constant(value="__doc__")), _),
            )
        ):
            return True
        case If(then=then, otherwise=()):
            return all(map(_is_documentation, then))
        case _:
            return False


@dataclass(slots=True)
class _Work:
    """One module, and what was found in it."""

    module: str
    provided: Mapping[str, tuple[str, str]]
    is_library: bool
    asked: list[Pretrained] = field(default_factory=list[Pretrained])
    gone: list[Span] = field(default_factory=list[Span])

    def visit(self, node: Node) -> Node:
        match node:
            case OpCall(symbol=symbol) if symbol in self.provided and not _has_unknown(node):
                return self._led(node, self.provided[symbol])
            case Symbol(path=path) if path in self.provided:
                return Reference(*self.provided[path])
            case FunctionDef() if self.is_library:
                body, gone = without_loads(node.body)
                self.gone += gone
                return map_children(replace_node(node, body=body) if gone else node, self.visit)
            case _:
                return map_children(node, self.visit)

    def _led(self, call: OpCall, place: tuple[str, str]) -> Call:
        value = call.bound.get(WEIGHTS, _DEFAULT)
        if not self.is_library and not (isinstance(value, Constant) and value.value is None):
            self.asked.append(Pretrained(self.module, place[1], call.span))
        given = {name: self.visit(value) for name, value in call.bound.items()}
        arguments = [
            Argument(value, name) for name, value in given.items() if isinstance(value, Expression)
        ]
        extra = tuple(map_children(argument, self.visit) for argument in call.extra)
        return Call(Reference(*place), (*arguments, *extra), span=call.span)


def without_loads(body: Body) -> tuple[Body, list[Span]]:
    """The body of a function without what loads weights, and the places of what went."""
    gone: list[Span] = []
    result: list[Statement] = []
    for statement in body:
        if not any(_is_load(node) for node in walk(statement)):
            result.append(statement)
            continue
        elsewhere = {
            n.id for other in body if other is not statement for n in walk(other) if _is_name(n)
        }
        if _unloaded(statement, elsewhere) is not None:
            kept = _unloaded(statement, None)
            result += [kept] if kept is not None else []
        elif statement.span is not None:
            gone.append(statement.span)
    return tuple(result), gone


def _unloaded(statement: Statement, elsewhere: set[str] | None) -> Statement | None:
    """A statement without loads, and without variables that are not read `elsewhere`; None:
    nothing is left. `elsewhere` None: only the loads go."""
    match statement:
        case ExpressionStatement(value=value) if _is_load(value):
            return None
        case Assign(targets=targets) if elsewhere is not None:
            only_here = all(isinstance(t, Name) and t.id not in elsewhere for t in targets)
            return None if only_here else statement
        case Pass():
            return None
        case If(then=then, otherwise=otherwise):
            then, otherwise = (
                tuple(n for s in part if (n := _unloaded(s, elsewhere)) is not None)
                for part in (then, otherwise)
            )
            if not then and not otherwise:
                return None
            return replace_node(statement, then=then or (Pass(),), otherwise=otherwise)
        case _:
            return statement


def _has_unknown(call: OpCall) -> bool:
    """Whether the model takes no such arguments: the call is refused where it stands."""
    return any(not argument.star for argument in call.extra)


def _is_name(node: Node) -> TypeGuard[Name]:
    return isinstance(node, Name)


def _is_load(node: Node) -> bool:
    match node:
        case Call(function=Attribute(attribute=name)):
            return name in _LOADS
        case OpCall(symbol=symbol):
            return symbol.rpartition(".")[2] in _LOADS
        case _:
            return False
