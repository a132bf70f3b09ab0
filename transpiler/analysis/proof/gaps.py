"""What the output does not translate: it raises there, and the proof reads on behind it.

Where the raise stands for a `return`, the result is unknown from there. What is left of a statement
that could not be translated has `...` in it, which is unknown, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ....ir.nodes import (
    Argument,
    Call,
    Constant,
    Expression,
    Module,
    Name,
    Node,
    OpaqueExpression,
    Pass,
    Raise,
    Return,
    Statement,
    map_children,
    walk,
)
from ...diagnostics import codes
from ...emit import Emitted


def without_gaps(module: Module, emitted: Emitted) -> tuple[Module, frozenset[int]]:
    """The module that was read from the emitted text, with nothing that raises for want of a
    translation, and the identities of the statements that stand for it."""
    if "NotImplementedError" not in emitted.text:
        return module, frozenset()
    origins = {entry.first: entry.node for entry in emitted.line_map}
    marked = {
        id(origin)
        for node in walk(module)
        if is_marker(node) and (origin := _origin(node, origins)) is not None
    }
    passed: set[int] = set()

    def visit(node: Node) -> Node:
        origin = _origin(node, origins)
        if origin is None or id(origin) not in marked:
            return map_children(node, visit)
        if not is_marker(node):
            return map_children(node, _known_only(visit))
        new: Statement = Pass(span=node.span)
        if isinstance(origin, Return):
            new = Return(_unknown(node), span=node.span)
        passed.add(id(new))
        return new

    return map_children(module, visit), frozenset(passed)


def is_marker(node: Node) -> bool:
    """Whether the statement is one that the emitter puts in front of what is not translated."""
    match node:
        case Raise(
            exception=Call(
                function=Name(id="NotImplementedError"),
                arguments=(Argument(value=Constant(value=str() as text)),),
            )
        ):
            return text.partition(":")[0] in codes.CODES
        case _:
            return False


def _origin(node: Node, origins: Mapping[int, Statement]) -> Statement | None:
    """The statement that this one was made from. A `raise` of the source is none."""
    if not isinstance(node, Statement) or node.span is None:
        return None
    found = origins.get(node.span.start_line)
    return None if isinstance(found, Raise) else found


def _known_only(visit: Callable[[Node], Node]) -> Callable[[Node], Node]:
    """For what is below a statement: `...` becomes unknown in its own expressions."""

    def below(node: Node) -> Node:
        if isinstance(node, Statement):
            return visit(node)
        if isinstance(node, Constant) and node.value is ...:
            return _unknown(node)
        return map_children(node, below)

    return below


def _unknown(node: Node) -> Expression:
    return OpaqueExpression("...", (), span=node.span)
