"""What an annotation promises of a parameter: numbers, and tuples of numbers."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import Constant, Expression, Name, Subscript, Tuple
from ..evaluation.number_calls import unknown_number
from ..values import Sequence, Static, Value, integer

_KINDS: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str}
_SEQUENCES = {"tuple": "tuple", "Tuple": "tuple", "list": "list", "List": "list"}


def promised(annotation: Expression | None, code: Expression | None) -> Value | None:
    """A number or a sequence of numbers; None for all else. `code` reads it in `__init__`."""
    match annotation:
        case Name(id=name) if name in _KINDS:
            if _KINDS[name] is not int:
                return Static(kind=_KINDS[name])
            return integer(unknown_number() if code is None else Dim.variable(code))
        case Subscript(value=Name(id=name), index=index) if name in _SEQUENCES:
            return _sequence(_SEQUENCES[name], index, code)
        case _:
            return None


def _sequence(kind: str, index: Expression, code: Expression | None) -> Value | None:
    elements = index.elements if isinstance(index, Tuple) else (index,)
    if kind == "list" or _is_open(elements):
        item = promised(elements[0], None)
        return None if item is None or len(elements) > 2 else Sequence(kind, None, item)
    items: list[Value] = []
    for position, element in enumerate(elements):
        part = None if code is None else Subscript(code, Constant(position))
        item = promised(element, part)
        if item is None:
            return None
        items.append(item)
    return Sequence(kind, tuple(items))


def _is_open(elements: tuple[Expression, ...]) -> bool:
    """`tuple[int, ...]`."""
    return isinstance(elements[-1], Constant) and elements[-1].value is ...
