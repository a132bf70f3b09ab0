"""What the statements of a body assign and read."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.nodes import (
    AnnotatedAssign,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    Comprehension,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    Lambda,
    List,
    Name,
    Node,
    Statement,
    Tuple,
    With,
    map_children,
    walk,
)


def names_of_body(body: tuple[Statement, ...]) -> set[str]:
    return {n for s in body for n in names_assigned(s)}


def assigned_twice(body: tuple[Statement, ...]) -> set[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for statement in body:
        names = names_assigned(statement)
        twice |= names & seen
        seen |= names
    return twice


def replaces(statement: Statement) -> bool:
    return isinstance(statement, (Assign, AnnotatedAssign)) and not any(
        isinstance(n, (Attribute,)) for n in getattr(statement, "targets", ())
    )


def names_assigned(statement: Statement) -> set[str]:
    """Variables that a statement assigns or changes in place."""
    found: set[str] = set()
    for node in walk(statement):
        match node:
            case Assign(targets=targets):
                found |= {n for t in targets for n in _target_names(t)}
            case AnnotatedAssign(target=target) | AugmentedAssign(target=target):
                found |= set(_target_names(target))
            case For(target=target):
                found |= set(_target_names(target))
            case With(items=items):
                found |= {n for i in items if i.target for n in _target_names(i.target)}
            case FunctionDef(name=name):
                found.add(name)
            case ExpressionStatement(
                value=Call(function=Attribute(value=Name(id=name), attribute=method))
            ) if method in ("append", "extend", "insert", "add", "update"):
                found.add(name)
            case _:
                pass
    return found


def _target_names(target: Expression) -> Iterator[str]:
    match target:
        case Name(id=name):
            yield name
        case Tuple(elements=elements) | List(elements=elements):
            for element in elements:
                yield from _target_names(element)
        case _:
            # `x[i] = ...` changes x.
            value = getattr(target, "value", None)
            if isinstance(value, Name) and not isinstance(target, Attribute):
                yield value.id


def names_read(node: Node) -> set[str]:
    """Variables that are read, without those that are only assigned."""
    found: set[str] = set()

    def visit(inner: Node) -> None:
        match inner:
            case Assign(targets=targets, value=value):
                visit(value)
                for target in targets:
                    if not isinstance(target, (Name, Tuple, List)):
                        visit(target)
            case For(target=target, iterable=iterable, body=body, otherwise=otherwise):
                visit(iterable)
                inside = {n for part in (*body, *otherwise) for n in names_read(part)}
                found.update(inside - set(_target_names(target)))
            case Lambda(parameters=parameters, body=body):
                mine = {p.name for p in parameters}
                found.update(names_read(body) - mine)
            case Comprehension(generators=generators):
                mine = {n for g in generators for n in _target_names(g.target)}
                parts: set[str] = set()
                for child in children_of(inner):
                    parts |= names_read(child)
                found.update(parts - mine)
            case Name(id=name):
                found.add(name)
            case _:
                for child in children_of(inner):
                    visit(child)

    visit(node)
    return found


def children_of(node: Node) -> list[Node]:
    children: list[Node] = []

    def note(child: Node) -> Node:
        children.append(child)
        return child

    map_children(node, note)
    return children
