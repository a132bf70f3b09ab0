"""Which parameters of a function without layers are tensors."""
# pyright: basic

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Binary,
    Expression,
    FunctionDef,
    List,
    Name,
    OpCall,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    walk,
)

if TYPE_CHECKING:
    from ..program import Program


def plain_tensors(program: Program, node: FunctionDef) -> set[str]:
    """Parameters of a function without layers that are tensors: annotated so, or used where rules
    want tensors."""
    found: set[str] = set()
    for parameter in node.parameters:
        if parameter.annotation is not None and _names_tensor(parameter.annotation):
            found.add(parameter.name)
    names = {p.name for p in node.parameters}
    for inner in walk(node):
        if not isinstance(inner, OpCall):
            continue
        record = program.rules.for_symbol(inner.symbol)
        parameters = {p.name: p for p in getattr(record, "parameters", ())}
        for name, value in inner.bound.items():
            parameter = parameters.get(name)
            wants = parameter is not None and parameter.type.is_tensor
            if wants:
                found |= {
                    n.id
                    for n in walk(value)
                    if isinstance(n, Name) and n.id in names and _is_operand(value, n)
                }
    return found


def _is_operand(value: Expression, name: Name) -> bool:
    """Whether a name's own value reaches the operand: not when it only indexes, or is called."""
    match value:
        case Name():
            return value is name
        case Binary(left=left, right=right):
            return _is_operand(left, name) or _is_operand(right, name)
        case Unary(operand=operand):
            return _is_operand(operand, name)
        case Subscript(value=inner):
            return _is_operand(inner, name)
        case Tuple(elements=elements) | List(elements=elements):
            return any(_is_operand(e, name) for e in elements)
        case _:
            return False


def _names_tensor(annotation: Expression) -> bool:
    return any(
        isinstance(n, Symbol) and n.path in ("tf.Tensor", "tf.Variable") for n in walk(annotation)
    )
