"""Sizes that count the modules of a list, `len(self.branches) * channels`: the constructor must
have filled the list before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Constant,
    Name,
    Node,
    Statement,
    map_children,
    replace_node,
    walk,
)

if TYPE_CHECKING:
    from ..frame import Frame
    from ..program import Program


def with_filled_lists(program: Program, frame: Frame, body: list[Statement]) -> list[Statement]:
    """The body, with sizes asked of the caller where a list is filled later."""

    def checked(statement: Statement, later: list[Statement]) -> Statement:
        def visit(node: Node) -> Node:
            name = _counted_in(node) if isinstance(node, Argument) else None
            if name is None or not any(_fills(s, name) for s in (statement, *later)):
                return map_children(node, visit)
            asked = Constant(None, span=statement.span)
            size = program.unknown_size(frame, asked, name, "in_features")
            return replace_node(node, value=size)

        new = visit(statement)
        assert isinstance(new, Statement)
        return new

    if not any(_counted(n) is not None for s in body for n in walk(s)):
        return body
    return [checked(s, body[i + 1 :]) for i, s in enumerate(body)]


def _counted_in(argument: Argument) -> str | None:
    """The attribute that an argument counts the modules of, itself and in no inner call."""
    parts = walk(argument.value) if isinstance(argument.value, Binary) else (argument.value,)
    return next((name for part in parts if (name := _counted(part)) is not None), None)


def _counted(node: Node) -> str | None:
    """The attribute whose modules a size counts; code of the source is in order as it is."""
    match node:
        case Call(
            function=Name(id="len"),
            arguments=(Argument(value=Attribute(value=Name(), attribute=name)),),
            span=None,
        ):
            return name
        case _:
            return None


def _fills(statement: Statement, name: str) -> bool:
    for node in walk(statement):
        match node:
            case Call(function=Attribute(value=Attribute(attribute=owner), attribute="append")):
                if owner == name:
                    return True
            case Statement():
                targets = getattr(node, "targets", ())
                if any(isinstance(t, Attribute) and t.attribute == name for t in targets):
                    return True
            case _:
                pass
    return False
