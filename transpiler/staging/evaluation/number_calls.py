"""API calls on numbers that Python knows when the code is traced: sizes, and what is computed of
them. They stay Python's, since sizes of arrays and tests of `if` are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    Name,
    OpCall,
    Symbol,
)
from ...shapes.shapes import Size
from ..frame import Frame, Result
from ..values import Static, Value, integer
from .expressions import evaluate

_COMPARISONS = {
    "tf.equal": "==",
    "tf.not_equal": "!=",
    "tf.greater": ">",
    "tf.greater_equal": ">=",
    "tf.less": "<",
    "tf.less_equal": "<=",
}
_BUILTINS = {"tf.maximum": "max", "tf.minimum": "min"}
_FUNCTIONS = {
    "tf.math.ceil": ("math.ceil", int),
    "keras.ops.ceil": ("math.ceil", int),
    "tf.floor": ("math.floor", int),
    "keras.ops.floor": ("math.floor", int),
    "tf.sqrt": ("math.sqrt", float),
    "keras.ops.sqrt": ("math.sqrt", float),
}
_INTEGERS = ("int32", "int64")
_FLOATS = ("float32", "float64")


def number_call(frame: Frame, node: OpCall, results: Mapping[str, Result]) -> Result | None:
    """The call as one of Python's, if all its operands are numbers."""
    if node.symbol == "tf.cast":
        return _cast(frame, node, results)
    operands = [node.bound[name] for name in results if name != "name"]
    values = [results[name].value for name in results if name != "name"]
    if node.extra or not values:
        return None
    beside = len(values) == 2 and any(map(is_number, values)) and all(map(_may_be_number, values))
    if not beside and not all(map(is_number, values)):
        return None
    if node.symbol in _COMPARISONS and len(operands) == 2:
        operator = _COMPARISONS[node.symbol]
        return evaluate(frame, Compare(operands[0], (operator,), (operands[1],), span=node.span))
    if node.symbol in _BUILTINS:
        result = evaluate(frame, _call(Name(_BUILTINS[node.symbol]), operands, node))
        if is_number(result.value):
            return result
        whole = any(map(is_integer, values))
        value = integer(unknown_number()) if whole else Static(kind=float)
        return Result(value, result.dynamic, result.static)
    if node.symbol in _FUNCTIONS and len(operands) == 1:
        function, kind = _FUNCTIONS[node.symbol]
        (given,) = (r for n, r in results.items() if n != "name")
        dynamic = _call(Symbol(function), [given.dynamic], node)
        static = _call(Symbol(function), [given.static], node) if given.static else None
        if static is not None and given.static is given.dynamic:
            static = dynamic
        size = _rounded(frame, operands[0], function)
        value = integer(size) if size is not None else Static(kind=kind)
        return Result(value, dynamic, static)
    return None


def is_number(value: Value) -> bool:
    """Whether a value is surely a Python number."""
    match value:
        case Static(kind=kind, size=size, hidden=hidden):
            # An entry of a configuration alone may be anything.
            computed = size is not None and not size.is_variable
            return kind in (int, float) or hidden is not None or computed
        case _:
            return False


def _may_be_number(value: Value) -> bool:
    """Whether a value that is no tensor is a number where it stands beside one: an entry of the
    configuration."""
    if not isinstance(value, Static) or value.constant is not None:
        return is_number(value)
    return value.kind in (None, int, float)


def is_integer(value: Value) -> bool:
    return isinstance(value, Static) and value.kind is int


def is_numeric(left: Value, right: Value) -> bool:
    """Whether what is computed of two values is a number: one of them surely is one, the other is
    one or an entry of a configuration."""
    values = (left, right)
    sized = [isinstance(v, Static) and v.extent is not None for v in values]
    numbers = [is_number(v) for v in values]
    return any(numbers) and all(n or s for n, s in zip(numbers, sized, strict=True))


def quotient_kind(left: Value, right: Value) -> type | None:
    """The type of `left / right`."""
    return float if is_numeric(left, right) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Unknown:
    """Equal to none but itself. Its text, by which sizes are sorted, is always the same."""


def unknown_number() -> Dim:
    """A number that no code can say."""
    return Dim.hidden(("number", _Unknown()))


def _cast(frame: Frame, node: OpCall, results: Mapping[str, Result]) -> Result | None:
    given, dtype = results.get("x"), _dtype(node.bound.get("dtype"))
    if given is None or not is_number(given.value):
        return None
    if dtype in _INTEGERS:
        return given if is_integer(given.value) else _as(frame, "int", node)
    if dtype in _FLOATS:
        floating = isinstance(given.value, Static) and given.value.kind is float
        return given if floating else _as(frame, "float", node)
    return None


def _as(frame: Frame, function: str, node: OpCall) -> Result:
    result = evaluate(frame, _call(Name(function), [node.bound["x"]], node))
    kind = int if function == "int" else float
    size = result.value.size if isinstance(result.value, Static) and kind is int else None
    return Result(Static(kind=kind, size=size), result.dynamic, result.static)


def _dtype(code: Expression | None) -> str | None:
    match code:
        case Symbol(path=path) if path.startswith("tf."):
            return path.removeprefix("tf.")
        case Constant(value=str() as name):
            return name
        case _:
            return None


def _rounded(frame: Frame, operand: Expression, function: str) -> Size:
    """The size `ceil(a / b)` of two sizes."""
    if not isinstance(operand, Binary) or operand.operator != "/":
        return None
    values = [evaluate(frame, side).value for side in (operand.left, operand.right)]
    left, right = (v.extent if isinstance(v, Static) else None for v in values)
    if left is None or right is None or right.constant == 0:
        return None
    if function == "math.ceil":
        return left.ceil_div(right)
    return left // right if function == "math.floor" else None


def _call(function: Expression, operands: Sequence[Expression], node: OpCall) -> Call:
    return Call(function, tuple(Argument(o) for o in operands), span=node.span)
