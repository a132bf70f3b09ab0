"""API calls on lists and tuples of numbers that Python knows when the code is traced: the sizes of
an image, paddings computed of them. They stay out of JAX, so that tests may ask for their entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import Argument, Call, Expression, Name, OpCall, Symbol
from ..frame import Result
from ..values import NumberArray, Sequence, ShapeOf, Static, Value, integer
from .number_calls import is_integer, is_number, unknown_number

_REDUCTIONS = {
    "tf.reduce_min": "min",
    "tf.reduce_max": "max",
    "tf.reduce_sum": "sum",
    "keras.ops.min": "min",
    "keras.ops.max": "max",
    "keras.ops.sum": "sum",
}


def array_call(node: OpCall, results: Mapping[str, Result]) -> Result | None:
    """The call as one of Python's or NumPy's, if it is over such numbers."""
    given = {name: result for name, result in results.items() if name != "name"}
    first = next(iter(given.values()), None)
    if first is None or node.extra:
        return None
    if node.symbol in _REDUCTIONS and len(given) == 1 and _is_listed(first.value):
        result = _over(Name(_REDUCTIONS[node.symbol]), given, node)
        if not all(map(is_integer, _leaves(first.value))):
            return replace(result, value=Static(kind=float))
        size = unknown_number() if result.static is None else Dim.variable(result.static)
        return replace(result, value=integer(size))
    reshapes = node.symbol in ("tf.reshape", "keras.ops.reshape") and len(given) == 2
    if reshapes and _is_nested(first.value):
        return _over(Symbol("numpy.reshape"), given, node)
    return None


def _over(function: Expression, given: Mapping[str, Result], node: OpCall) -> Result:
    value = Static(kind=NumberArray)
    dynamic = Call(function, tuple(Argument(r.dynamic) for r in given.values()), span=node.span)
    codes = [r.static for r in given.values() if r.static is not None]
    if len(codes) < len(given):
        return Result(value, dynamic, None)
    if all(r.static is r.dynamic for r in given.values()):
        return Result(value, dynamic, dynamic)
    return Result(value, dynamic, Call(function, tuple(Argument(c) for c in codes)))


def _is_listed(value: Value) -> bool:
    """Whether a value is a list or tuple of numbers, at least one."""
    match value:
        case ShapeOf(shape=shape):
            return shape.rank != 0
        case Sequence(items=items) if items is not None:
            return bool(items) and all(map(is_number, items))
        case Sequence(item=item):
            return item is not None and is_number(item)
        case _:
            return False


def _leaves(value: Value) -> tuple[Value, ...]:
    match value:
        case Sequence(items=items) if items is not None:
            return items
        case Sequence(item=item) if item is not None:
            return (item,)
        case _:
            return ()


def _is_nested(value: Value) -> bool:
    """Whether a value is a list of lists of numbers."""
    match value:
        case Sequence(items=items) if items:
            return all(_is_listed(i) or _is_nested(i) for i in items)
        case _:
            return False
