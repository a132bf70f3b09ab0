"""What the analysis knows about source expressions, as rules ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...ir.nodes import Constant, Expression, Name, OpCall, Symbol, Tuple, Unary


@dataclass(frozen=True, slots=True)
class Known:
    """A value known at compile time: None, a number, a string, or a tuple or list of such."""

    value: object


class Facts(Protocol):
    """Answers are None where nothing is known. Dims are integers or symbolic sizes."""

    def constant(self, e: Expression, /) -> Known | None: ...

    def is_static(self, e: Expression, /) -> bool: ...

    def python_type(self, e: Expression, /) -> type | None: ...

    def shape(self, e: Expression, /) -> tuple[object, ...] | None: ...

    def rank(self, e: Expression, /) -> int | None: ...

    def dtype(self, e: Expression, /) -> str | None: ...


class NoFacts:
    """Knows what the expression itself says: literals. The base of smarter facts."""

    def constant(self, e: Expression, /) -> Known | None:
        return literal(e)

    def is_static(self, e: Expression, /) -> bool:
        return self.constant(e) is not None

    def python_type(self, e: Expression, /) -> type | None:
        known = self.constant(e)
        return None if known is None else type(known.value)

    def shape(self, e: Expression, /) -> tuple[object, ...] | None:
        return None

    def rank(self, e: Expression, /) -> int | None:
        shape = self.shape(e)
        return None if shape is None else len(shape)

    def dtype(self, e: Expression, /) -> str | None:
        return None


def literal(e: Expression) -> Known | None:
    """The value of a literal, None for anything else."""
    from ...ir.nodes import List

    match e:
        case Constant(value=value):
            return Known(value)
        case Unary(operator="-", operand=Constant(value=int() | float() as value)):
            return Known(-value)
        case Tuple(elements=elements) | List(elements=elements):
            found = [literal(element) for element in elements]
            values = [known.value for known in found if known is not None]
            if len(values) < len(elements):
                return None
            return Known(tuple(values) if isinstance(e, Tuple) else values)
        case _:
            return None


def literal_integer(e: Expression) -> int | None:
    """The value of an integer literal, None for anything else."""
    found = literal(e)
    return found.value if found is not None and type(found.value) is int else None


def is_simple(e: Expression) -> bool:
    """Whether writing `e` twice costs nothing: names, attributes of names, literals."""
    from ...ir.nodes import Attribute, Reference, Subscript

    match e:
        case Name() | Constant() | Symbol() | Reference():
            return True
        case Attribute(value=value):
            return is_simple(value)
        case Subscript(value=value, index=index):
            return is_simple(value) and is_simple(index)
        case Unary(operand=operand):
            return is_simple(operand)
        case OpCall():
            return False
        case _:
            return literal(e) is not None
