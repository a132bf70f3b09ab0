"""Statements that put layers into a `Sequential` or into a list, under loops and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Body,
    Call,
    Expression,
    ExpressionStatement,
    For,
    If,
    List,
    Name,
    Node,
    OpCall,
    Pass,
    Statement,
    map_children,
    replace_node,
    walk,
)
from .sequential_lists import SEQUENTIAL, filled, parts_of

MODEL = "model"


@dataclass(frozen=True, slots=True)
class Fill:
    """`statements` make what `self.attribute` holds, and nothing else; `body` makes a model of the
    same layers. `nodes`: the ids of all nodes of the statements. `is_unlike`: whether the layers
    need a model of their own."""

    attribute: str
    statements: tuple[Statement, ...]
    body: Body
    nodes: frozenset[int]
    is_unlike: bool

    @property
    def first(self) -> Statement:
        return self.statements[0]


def fill_of(body: Body, index: int, own: str) -> Fill | None:
    """The layers that a statement of a method begins to put together, all of them known; `own`: the
    object of the method."""
    start = _start(body[index])
    if start is None:
        return None
    target, made = start
    taken: list[Statement] = [body[index]]
    new = _begun(made)
    attribute = _attribute(target, own)
    sequential = isinstance(made, OpCall)
    if new is None or (attribute is None and not isinstance(target, Name)):
        return None
    later: list[Statement] = []
    for statement in body[index + 1 :]:
        final = _final(statement, target, own) if attribute is None else None
        if final is not None:
            attribute, whole = final
            sequential = sequential or whole is not None
            if whole is not None:
                new[0] = Assign((Name(MODEL),), _empty(whole))
            taken.append(statement)
            continue
        added = (
            added_to(statement, target)
            if not isinstance(target, Name) or attribute is None
            else None
        )
        if added is None:
            later.append(statement)
            continue
        if bound_names(later) & _read(added):
            return None  # a statement in between gives a new value to what the layers are made of
        taken.append(statement)
        new += added
    if attribute is None:
        return None
    others = [n for s in (*body[:index], *later) for n in walk(s)]
    if any(_same(n, target) for n in others) or bound_names(new) & {
        n.id for s in body[index:] if s not in taken for n in walk(s) if isinstance(n, Name)
    }:
        return None
    nodes = frozenset(id(n) for s in taken for n in walk(s))
    elements = list(_elements(new))
    if not all(isinstance(e, OpCall | Call) for e in elements):
        return None
    # Layers that a model gets under a test alone are known one by one.
    plain = (
        Assign | ExpressionStatement | If
        if isinstance(made, OpCall)
        else Assign | ExpressionStatement
    )
    listed = all(isinstance(s, plain) and not _loops(s) for s in new)
    alike = len(elements) == 1 and (isinstance(elements[0], Call) or not sequential)
    return Fill(attribute, tuple(taken), tuple(new), nodes, not listed and not alike)


def _loops(statement: Statement) -> bool:
    return any(isinstance(n, For) for n in walk(statement))


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_")


def _start(statement: Statement) -> tuple[Expression, Expression] | None:
    match statement:
        case Assign(targets=(target,), value=OpCall(symbol=symbol) as made) if symbol == SEQUENTIAL:
            return target, made
        case Assign(targets=(target,), value=made) if parts_of(made) is not None:
            return target, made
        case Assign(targets=(target,), value=List(elements=()) as made):
            return target, made
        case _:
            return None


def _begun(made: Expression) -> list[Statement] | None:
    """The statements that make a model of the layers that are there from the start."""
    if isinstance(made, OpCall):
        if not set(made.bound) <= {"layers", "name"} or made.extra:
            return None
        layers = made.bound.get("layers", List(()))
        parts = parts_of(layers)
        return None if parts is None else filled(Name(MODEL), _empty(made), parts)
    parts = parts_of(made)
    return None if parts is None else filled(Name(MODEL), OpCall(SEQUENTIAL, {}, (), _MAKER), parts)


_MAKER = Name("Sequential")


def _empty(made: OpCall) -> OpCall:
    return replace_node(
        made, bound={n: v for n, v in made.bound.items() if n not in ("layers", "name")}
    )


def _attribute(target: Expression, own: str) -> str | None:
    match target:
        case Attribute(value=Name(id=name), attribute=attribute) if name == own:
            return attribute
        case _:
            return None


def _final(statement: Statement, target: Expression, own: str) -> tuple[str, OpCall | None] | None:
    """The attribute that is given a list, or the model of that list."""
    match statement:
        case Assign(targets=(stored,), value=value) if (
            name := _attribute(stored, own)
        ) is not None:
            if _same(value, target):
                return name, None
            match value:
                case OpCall(symbol=symbol, bound={"layers": layers}, extra=()) if (
                    symbol == SEQUENTIAL
                    and _same(layers, target)
                    and set(value.bound) <= {"layers", "name"}
                ):
                    return name, value
                case _:
                    return None
        case _:
            return None


def added_to(statement: Statement, target: Expression) -> list[Statement] | None:
    """The same statement for the model; None where it does anything else."""
    match statement:
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=owner, attribute="add" | "append"),
                arguments=(Argument(value=layer, keyword=None, star=""),),
            )
        ) if _same(owner, target):
            made = filled(Name(MODEL), None, [_unnamed(layer)])
            made[0].comments = statement.comments
            return made
        case AugmentedAssign(target=owner, operator="+", value=value) if _same(owner, target):
            parts = parts_of(value)
            return (
                None if parts is None else filled(Name(MODEL), None, [_unnamed(p) for p in parts])
            )
        case For(body=body, otherwise=()):
            inner = _block(body, target)
            return None if inner is None else [replace_node(statement, body=inner)]
        case If(then=then, otherwise=otherwise):
            first, last = _block(then, target), _block(otherwise, target)
            if first is None or last is None:
                return None
            return [replace_node(statement, then=first, otherwise=last)]
        case _:
            return None


def _block(body: Body, target: Expression) -> Body | None:
    result: list[Statement] = []
    for statement in body:
        match statement:
            case Assign(targets=(Name(),), value=value) if not any(
                _same(n, target) for n in walk(value)
            ):
                result.append(statement)
            case Pass():
                result.append(statement)
            case _:
                added = added_to(statement, target)
                if added is None:
                    return None
                result += added
    if body and all(isinstance(s, Assign | Pass) for s in result):
        return None
    return tuple(result)


def _unnamed(layer: Expression) -> Expression:
    """A layer without its name, which often is made of the object's."""

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        if isinstance(node, OpCall) and "name" in node.bound:
            return replace_node(node, bound={n: v for n, v in node.bound.items() if n != "name"})
        if isinstance(node, Call) and any(a.keyword == "name" for a in node.arguments):
            kept = tuple(a for a in node.arguments if a.keyword != "name")
            return replace_node(node, arguments=kept)
        return node

    result = visit(layer)
    assert isinstance(result, Expression)
    return result


def _same(code: Node, target: Expression) -> bool:
    match code, target:
        case Name(id=first), Name(id=second):
            return first == second
        case Attribute(value=Name(id=one), attribute=first), Attribute(
            value=Name(id=other), attribute=second
        ):
            return one == other and first == second
        case _:
            return False


def _read(body: list[Statement]) -> set[str]:
    return {n.id for s in body for n in walk(s) if isinstance(n, Name)}


def _elements(body: list[Statement]) -> Iterator[Expression]:
    for statement in body:
        for node in walk(statement):
            match node:
                case Call(
                    function=Attribute(value=Name(id=name), attribute="add"),
                    arguments=(Argument(value=layer),),
                ) if name == MODEL:
                    yield layer
                case _:
                    pass
