"""Attributes that a constructor sets twice: what nobody reads in between goes.

Keras code keeps a setting under a name in `__init__` and puts the layer made with it there in
`build`; Flax modules may not hold a plain value first and a module later.
"""

from __future__ import annotations

from ....ir.names import bound_names
from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    Node,
    Statement,
    map_children,
    replace_node,
    walk,
)


def without_replaced(init: list[Statement], self_name: str) -> list[Statement]:
    """The constructor without the first of two assignments, where no code between reads it. The
    second may: it gets the value itself."""
    body = list(init)
    kept: list[Statement] = []
    while body:
        statement = body.pop(0)
        name, value = _assigned(statement, self_name)
        variables = {value.id} if isinstance(value, Name) else set[str]()
        place = None if name is None else _replacement(body, name, self_name, variables)
        if place is None or name is None or value is None:
            kept.append(statement)
            continue
        body[place] = _with_value(body[place], name, self_name, value)
    return kept


def _assigned(statement: Statement, self_name: str) -> tuple[str | None, Expression | None]:
    match statement:
        case Assign(
            targets=(Attribute(value=Name(id=owner), attribute=name),),
            value=(Name() | Constant()) as value,
        ) if owner == self_name:
            return name, value
        case _:
            return None, None


def _replacement(
    rest: list[Statement], name: str, self_name: str, variables: set[str]
) -> int | None:
    """Where the attribute is set again, if nothing before that reads it or changes a variable."""
    for index, statement in enumerate(rest):
        match statement:
            case Assign(targets=(Attribute(value=Name(id=owner), attribute=target),)) if (
                owner == self_name and target == name
            ):
                return index
            case _ if _reads(statement, name, self_name) or bound_names((statement,)) & variables:
                return None
            case _:
                pass
    return None


def _with_value(statement: Statement, name: str, self_name: str, value: Expression) -> Statement:
    assert isinstance(statement, Assign)

    def visit(node: Node) -> Node:
        match node:
            case Attribute(value=Name(id=owner), attribute=read) if (
                owner == self_name and read == name
            ):
                return value
            case _:
                return map_children(node, visit)

    new = visit(statement.value)
    assert isinstance(new, Expression)
    return replace_node(statement, value=new)


def _reads(code: Node, name: str, self_name: str) -> bool:
    """Whether code may read the attribute: it names it, calls a method, or hands the object on."""
    owners = {
        id(n.value)
        for n in walk(code)
        if isinstance(n, Attribute) and isinstance(n.value, Name) and n.value.id == self_name
    }
    for node in walk(code):
        match node:
            case Attribute(value=Name(id=owner), attribute=read) if owner == self_name:
                if read == name:
                    return True
            case Name(id=owner) if owner == self_name and id(node) not in owners:
                return True
            case _:
                if _calls_method(node, self_name):
                    return True
    return False


def _calls_method(node: Node, self_name: str) -> bool:
    match node:
        case Call(function=Attribute(value=Name(id=owner))):
            return owner == self_name
        case _:
            return False
