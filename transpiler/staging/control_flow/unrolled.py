"""Loops of `call` over the indices of a list of layers that are not alike: one copy of the body
for each.

Layers of a list differ in the sizes of their inputs and in what belongs to their call (an
activation): one body cannot say both, so `for i in range(2): x = self.layers[i](x)` becomes
`x = nnx.relu(self.layers[0](x))`, `x = self.layers[1](x)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Attribute,
    Body,
    Break,
    Call,
    Constant,
    Continue,
    Expression,
    For,
    Name,
    Node,
    Statement,
    Subscript,
    map_children,
    walk,
)
from ..frame import Frame
from ..joined_values import sequence_item
from ..layers.listed_layers import are_functional
from ..sites import LayerTarget
from ..values import Instance, Known, Sequence, Static, Value

LONGEST = 32


def unrolled(frame: Frame, statement: For) -> list[Body] | None:
    """The bodies in order; None for a loop that can stay one."""
    if frame.kind not in ("call", "split") or statement.otherwise:
        return None
    if any(isinstance(n, Break | Continue) for s in statement.body for n in walk(s)):
        return None
    found = _over_display(frame, statement) or _over_range(frame, statement)
    if found is None:
        return None
    changed = bound_names(statement.body)
    if any(changed & names.keys() for names in found):
        return None
    return [_substituted(statement.body, names) for names in found]


def _over_display(frame: Frame, statement: For) -> list[dict[str, Expression]] | None:
    """`for layer in steps` over layers of a display, in a function that builds a graph."""
    match statement.target, statement.iterable:
        case Name(id=name), Name() as path if frame.kind == "split":
            count = _unlike(frame, path)
            return (
                None
                if count is None
                else [{name: Subscript(path, Constant(i))} for i in range(count)]
            )
        case _:
            return None


def _over_range(frame: Frame, statement: For) -> list[dict[str, Expression]] | None:
    """`for i in range(n)` with a body that takes the layer at `i` out of such a list."""
    match statement.target, statement.iterable:
        case Name(id=name), Call(function=Name(id="range"), arguments=(Argument(value=stop),)):
            pass
        case _:
            return None
    paths = [
        node.value
        for s in statement.body
        for node in walk(s)
        if isinstance(node, Subscript)
        and isinstance(node.value, Name | Attribute)
        and isinstance(node.index, Name)
        and node.index.id == name
    ]
    if not any(_unlike(frame, path) is not None for path in paths):
        return None
    from ..evaluation.expressions import evaluate

    match evaluate(frame, stop).value:
        case Static(constant=Known(int(count))) if 1 < count <= LONGEST:
            return [{name: Constant(i)} for i in range(count)]
        case _:
            return None


def _unlike(frame: Frame, path: Expression) -> int | None:
    """How many unlike layers a list holds, if there are not too many of them."""
    from ..evaluation.expressions import evaluate

    value: Value = evaluate(frame, path).value
    if not isinstance(value, Sequence) or value.items is None:
        return None
    if not (are_functional(value) if frame.kind == "split" else are_unlike(value)):
        return None
    return len(value.items) if len(value.items) <= LONGEST else None


def are_unlike(value: Sequence) -> bool:
    """Whether a sequence holds layers that no single value stands for."""
    if value.items is None or len(value.items) < 2 or value.optional:
        return False
    if not all(isinstance(v, Instance) and not v.optional for v in value.items):
        return False
    if isinstance(sequence_item(value), Instance):
        return False
    sites = [v.site for v in value.items if isinstance(v, Instance)]
    return any(isinstance(site.target, LayerTarget) for site in sites)


def report_unlike(frame: Frame, value: Value, place: Expression) -> None:
    """Layers whose calls cannot be told apart: what belongs to the call of each would be lost."""
    if frame.kind == "call" and isinstance(value, Sequence) and are_unlike(value):
        frame.program.note(
            frame,
            "TJ5002",
            "the layers of this list are not alike, and which one is called here is not known",
            place.span,
            "call each of them by a constant index, or loop over the list without break",
        )


def _substituted(body: Body, names: Mapping[str, Expression]) -> Body:
    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in names:
            return names[node.id]
        return map_children(node, visit)

    return tuple(cast(Statement, visit(statement)) for statement in body)
