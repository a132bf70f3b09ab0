"""Attributes that hold layers which are applied whole and in turn, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Expression,
    For,
    FunctionDef,
    Name,
    Node,
    map_children,
    replace_node,
)

_MODES = frozenset({"training"})


def is_applied_in_turn(attribute: str, own: Iterable[Node], heirs: Iterable[Node]) -> bool:
    """Whether a class only ever applies all layers that an attribute holds, one after the other,
    and classes that extend it do not read it. `own`: the nodes of the class, but for those that
    fill the attribute."""
    nodes = list(own)
    reads = {id(n) for n in nodes if _is_read(n, attribute)}
    applications = 0
    for node in nodes:
        read = _applied(node, attribute)
        if read is not None:
            reads.discard(id(read))
            applications += 1
    return applications > 0 and not reads and not any(_is_read(n, attribute) for n in heirs)


def applied(method: FunctionDef, attribute: str) -> FunctionDef:
    """The method with calls of the attribute in place of loops over it."""

    def visit(node: Node) -> Node:
        match node:
            case For(iterable=read, body=(Assign(targets=targets, value=Call() as call),)) if (
                _applied(node, attribute) is not None
            ):
                code = replace_node(call, function=read)
                made = Assign(targets, code, span=node.span)
                made.comments = node.comments
                return made
            case _:
                return map_children(node, visit)

    result = visit(method)
    assert isinstance(result, FunctionDef)
    return result


def _is_read(node: Node, attribute: str) -> bool:
    return isinstance(node, Attribute) and node.attribute == attribute


def _applied(node: Node, attribute: str) -> Expression | None:
    """The read of the attribute in a call of it, or in a loop that applies what it holds."""
    match node:
        case Call(function=Attribute(value=Name()) as read, arguments=arguments) if _is_read(
            read, attribute
        ) and _takes_one(arguments):
            return read
        case For(
            target=Name(id=layer),
            iterable=Attribute(value=Name()) as read,
            body=(
                Assign(
                    targets=(Name(id=stored),),
                    value=Call(function=Name(id=called), arguments=arguments),
                ),
            ),
            otherwise=(),
        ) if _is_read(read, attribute) and called == layer and _takes_one(arguments):
            match arguments[0].value:
                case Name(id=given) if given == stored:
                    return read
                case _:
                    return None
        case _:
            return None


def _takes_one(arguments: tuple[Argument, ...]) -> bool:
    match arguments:
        case (Argument(keyword=None, star=""), *rest):
            return all(a.keyword in _MODES for a in rest)
        case _:
            return False
