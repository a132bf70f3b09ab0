"""The slots of a node: which precedence each child needs where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...ir import nodes as ir
from .shapes import Precedence, precedence

P = Precedence
BODIES = frozenset({"body", "then", "otherwise", "final", "handlers", "decorators"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A child, the precedence that its place needs, whether a tuple may stand there without
    parentheses, and whether the place is the value of a whole statement.
    """

    child: ir.Node
    at_least: int = P.TEST
    bare: bool = False
    whole: bool = False


def _precedence(parent: ir.Node, field: str, child: ir.Node) -> int:
    match parent:
        case ir.Attribute() | ir.Subscript() | ir.Call() | ir.OpCall() if field in (
            "value",
            "function",
        ):
            return P.ATOM
        case ir.Subscript():
            return P.NAMED
        case ir.Binary() if parent.operator == "**":
            return P.AWAIT if field == "left" else P.UNARY
        case ir.Binary():
            return precedence(parent) + (field == "right")
        case ir.Unary() | ir.Boolean() | ir.Compare():
            return precedence(parent) + (not isinstance(parent, ir.Unary))
        case ir.Conditional():
            return P.TEST if field == "otherwise" else P.CONDITIONAL + 1
        case ir.Generator():
            return P.NAMED if field == "target" else P.CONDITIONAL + 1
        case ir.Starred():
            return P.OR_BITS
        case ir.List() | ir.Set() | ir.Tuple():
            return P.NAMED
        case ir.If() | ir.While():
            return P.NAMED
        case _:
            return P.TEST


def _whole(parent: ir.Node, field: str) -> bool:
    match parent:
        case ir.Assign() | ir.AugmentedAssign() | ir.AnnotatedAssign():
            return field == "value"
        case (
            ir.Return() | ir.ExpressionStatement() | ir.If() | ir.While() | ir.Raise() | ir.Assert()
        ):
            return True
        case ir.For():
            return field == "iterable"
        case _:
            return False


def _bare(parent: ir.Node, field: str) -> bool:
    match parent:
        case ir.Subscript():
            return field == "index"
        case ir.Assign() | ir.For() | ir.Return() | ir.ExpressionStatement():
            return True
        case ir.Generator():
            return field == "target"
        case ir.AugmentedAssign():
            return field == "value"
        case _:
            return False


def slots(parent: ir.Node) -> Iterator[Slot | tuple[str, Any]]:
    """The children of a node in their slots, and all that is not a child as `(field, value)`.

    Bodies left out.
    """
    statement = isinstance(parent, ir.Statement | ir.Handler)
    for field in ir.field_names(type(parent)):
        if statement and field in BODIES and field != "value":
            continue
        value = getattr(parent, field)
        if isinstance(value, ir.Node):
            yield _slot(parent, field, value)
        elif isinstance(value, tuple):
            yield field, len(value)  # pyright: ignore[reportUnknownArgumentType]
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, ir.Node):
                    yield _slot(parent, field, item)
                else:
                    yield field, item
        else:
            yield field, value


def _slot(parent: ir.Node, field: str, child: ir.Node) -> Slot:
    at_least = _precedence(parent, field, child)
    return Slot(child, at_least, _bare(parent, field), _whole(parent, field))
