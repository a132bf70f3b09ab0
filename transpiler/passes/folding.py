"""Tests that constants decide."""

from __future__ import annotations

from ...ir.nodes import (
    Boolean,
    Compare,
    Constant,
    Expression,
    List,
    Set,
    Tuple,
    Unary,
    replace_node,
)


def folded(test: Expression) -> Expression:
    """A test with what its constants decide; a `Constant` where they decide it whole.

    What stands before a deciding operand is taken to have no effect but its value.
    """
    match test:
        case Unary(operator="not", operand=operand):
            inner = folded(operand)
            if isinstance(inner, Constant):
                return Constant(not inner.value)
            return test if inner is operand else replace_node(test, operand=inner)
        case Boolean(operator=operator, operands=operands):
            return _boolean(test, operator == "or", operands)
        case Compare(left=Constant(value=value), operators=(operator,), comparators=(other,)):
            known = _compared(value, operator, other)
            return test if known is None else Constant(known)
        case _:
            return test


def _boolean(test: Boolean, absorbing: bool, operands: tuple[Expression, ...]) -> Expression:
    left: list[Expression] = []
    for operand in map(folded, operands):
        if not isinstance(operand, Constant):
            left.append(operand)
        elif bool(operand.value) is absorbing:
            return Constant(absorbing)
    if not left:
        return Constant(not absorbing)
    if len(left) == 1:
        return left[0]
    same = len(left) == len(operands) and all(a is b for a, b in zip(left, operands, strict=True))
    return test if same else replace_node(test, operands=tuple(left))


def _compared(value: object, operator: str, other: Expression) -> bool | None:
    match operator, other:
        case (("==" | "is"), Constant(value=wanted)):
            return _equal(value, wanted)
        case (("!=" | "is not"), Constant(value=wanted)):
            return not _equal(value, wanted)
        case (
            ("in" | "not in"),
            Set(elements=parts) | Tuple(elements=parts) | List(elements=parts),
        ):
            known = [part.value for part in parts if isinstance(part, Constant)]
            if any(_equal(value, one) for one in known):
                return operator == "in"
            return None if len(known) < len(parts) else operator == "not in"
        case _:
            return None


def _equal(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
