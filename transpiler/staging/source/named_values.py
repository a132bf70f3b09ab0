"""What names stand for in a function, from its text."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.nodes import (
    AnnotatedAssign,
    Assign,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    Node,
    Parameter,
    children,
    walk,
)


def meanings(caller: FunctionDef | ClassDef, value: Expression) -> list[Expression]:
    """The expression, or what the variable that it is has been assigned."""
    if not isinstance(value, Name):
        return [value]
    assigns = [inner for inner in walk(caller) if isinstance(inner, Assign)]
    return [a.value for a in assigns for t in a.targets if isinstance(t, Name) and t.id == value.id]


def local_function(caller: FunctionDef | ClassDef, name: str) -> FunctionDef | None:
    found: FunctionDef | None = None
    for inner in walk(caller):
        if isinstance(inner, FunctionDef) and inner is not caller and inner.name == name:
            found = inner
    return found


def without_annotations(node: Node) -> Iterator[Node]:
    """All nodes but annotations, which name classes without building anything."""
    stack: list[Node] = [node]
    while stack:
        current = stack.pop()
        yield current
        for child in children(current):
            if isinstance(current, (Parameter, AnnotatedAssign)) and child is current.annotation:
                continue
            if isinstance(current, FunctionDef) and child is current.returns:
                continue
            stack.append(child)
