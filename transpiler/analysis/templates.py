"""Templates of rules over values instead of code: what `gives` clauses are written in."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ...ir.nodes import (
    Binary,
    Boolean,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    List,
    Starred,
    Subscript,
    Tuple,
    Unary,
)
from ...rules.language.records import function_name, variable_name
from .tracked import Tracked
from .values import (
    UNKNOWN,
    Const,
    Fixed,
    Listing,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)

Binding = Mapping[str, Value]
Nested = Callable[[str, list[Value]], Value]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(e: Expression, binding: Binding, nested: Nested) -> Value:
    """The value of a template; `nested` gives that of a shape function inside another."""
    name = variable_name(e)
    if name is not None:
        return binding.get(name, UNKNOWN)

    def of(part: Expression) -> Value:
        return evaluate(part, binding, nested)

    match e:
        case Constant(value):
            return Const(value)
        case Tuple(elements) | List(elements):
            return _display(elements, binding, nested)
        case Unary("-", operand):
            dim = dim_of(of(operand))
            return UNKNOWN if dim is None else size(-dim)
        case Unary("not", operand):
            flag = truth(of(operand))
            return UNKNOWN if flag is None else Const(not flag)
        case Binary(symbol, left, right):
            return arithmetic(symbol, of(left), of(right))
        case Compare(left, (symbol,), (right,)):
            return compare(symbol, of(left), of(right))
        case Boolean(symbol, operands):
            return _boolean(symbol, [of(o) for o in operands])
        case Conditional(test, then, otherwise):
            flag = truth(of(test))
            return UNKNOWN if flag is None else of(then if flag else otherwise)
        case Subscript(value, index):
            items, at = items_of(of(value)), integer(of(index))
            if items is None or at is None or not -len(items) <= at < len(items):
                return UNKNOWN
            return items[at]
        case Call(function, arguments):
            called = function_name(function)
            if called is None:
                return UNKNOWN
            found = FUNCTIONS.get(called)
            given = [of(a.value) for a in arguments]
            return nested(called, given) if found is None else found(given)
        case _:
            return UNKNOWN


def _display(elements: tuple[Expression, ...], binding: Binding, nested: Nested) -> Value:
    items: list[Value] = []
    for element in elements:
        if isinstance(element, Starred):
            inner = items_of(evaluate(element.value, binding, nested))
            if inner is None:
                return UNKNOWN
            items += inner
        else:
            items.append(evaluate(element, binding, nested))
    return Fixed(tuple(items))


def arithmetic(symbol: str, left: Value, right: Value) -> Value:
    """Of sizes."""
    a, b = dim_of(left), dim_of(right)
    if a is None or b is None:
        return UNKNOWN
    match symbol:
        case "+":
            return size(a + b)
        case "-":
            return size(a - b)
        case "*":
            return size(a * b)
        case "//" if b.constant != 0:
            return size(a // b)
        case _:
            return UNKNOWN


def compare(symbol: str, left: Value, right: Value) -> Value:
    if symbol in ("is", "is not"):
        same = is_none(left) if const(right) is None else None
        return UNKNOWN if same is None else Const(same == (symbol == "is"))
    b = const(right)
    zero = isinstance(left, Tracked) and type(b) in (int, float) and b == 0
    a = left.sign if isinstance(left, Tracked) and zero else const(left)
    if symbol in ("in", "not in"):
        items = items_of(right)
        values = None if items is None else [const(v) for v in items]
        if values is None or a is ... or ... in values:
            return UNKNOWN
        return Const((a in values) == (symbol == "in"))
    function = COMPARISONS.get(symbol)
    if function is None:
        return UNKNOWN
    if a is ... or b is ...:
        items, others = items_of(left), items_of(right)
        if symbol in ("==", "!=") and items is not None and others is not None:
            one, other = [const(v) for v in items], [const(v) for v in others]
            if ... not in one and ... not in other:
                return Const(function(one, other))
        return UNKNOWN
    try:
        return Const(function(a, b))
    except TypeError:
        return UNKNOWN


def is_none(value: Value) -> bool | None:
    match value:
        case Tracked():
            return False
        case Const(None):
            return True
        case Const() | Fixed() | Listing() | Tensor():
            return False
        case _:
            return None


def truth(value: Value) -> bool | None:
    """Whether the value counts as true; None when that is not known."""
    match value:
        case Tracked():
            return value.sign != 0
        case Const(constant) if constant is not Ellipsis:
            return bool(constant)
        case _:
            return None


def _boolean(symbol: str, values: list[Value]) -> Value:
    flags = [truth(v) for v in values]
    decisive = symbol == "or"
    if decisive in flags:
        return Const(decisive)
    return UNKNOWN if None in flags else Const(not decisive)


def _rank(given: list[Value]) -> Value:
    x = given[0] if given else UNKNOWN
    return Const(x.rank) if isinstance(x, Tensor) and x.rank is not None else UNKNOWN


def _dim(given: list[Value]) -> Value:
    x, axis = given[0], integer(given[1])
    if not isinstance(x, Tensor) or axis is None:
        return UNKNOWN
    if x.dims is None:
        return size(x.last) if axis == -1 and x.last is not None else UNKNOWN
    return size(x.dims[axis]) if -len(x.dims) <= axis < len(x.dims) else UNKNOWN


def _shape(given: list[Value]) -> Value:
    x = given[0]
    if not isinstance(x, Tensor) or x.dims is None:
        return UNKNOWN
    return Fixed(tuple(size(d) for d in x.dims))


def _tuple_of(given: list[Value]) -> Value:
    value, count = given[0], integer(given[1])
    if items_of(value) is not None:
        return value
    if count is None or dim_of(value) is None:
        return UNKNOWN
    return Fixed((value,) * count)


def _known(given: list[Value]) -> Value:
    value = given[0]
    items = items_of(value)
    if items is not None:
        return Const(all(const(v) is not ... for v in items))
    return Const(const(value) is not ... or integer(value) is not None)


def _len(given: list[Value]) -> Value:
    value = given[0]
    if isinstance(value, Tensor):
        return UNKNOWN
    items = items_of(value)
    if items is not None:
        return Const(len(items))
    text = const(value)
    return Const(len(text)) if isinstance(text, str) else UNKNOWN


def _upper(given: list[Value]) -> Value:
    text = const(given[0])
    return Const(text.upper()) if isinstance(text, str) else UNKNOWN


def _positive_axis(given: list[Value]) -> Value:
    axis, x = integer(given[0]), given[1]
    if axis is None:
        return UNKNOWN
    if axis >= 0:
        return Const(axis)
    rank = x.rank if isinstance(x, Tensor) else None
    return UNKNOWN if rank is None else Const(axis + rank)


def _kind(*kinds: type) -> Callable[[list[Value]], Value]:
    def answer(given: list[Value]) -> Value:
        value = const(given[0])
        if value is ...:
            return UNKNOWN
        return Const(isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)))

    return answer


def _is_sequence(given: list[Value]) -> Value:
    value = given[0]
    if items_of(value) is not None or isinstance(value, Listing):
        return Const(True)
    return Const(False) if const(value) is not ... or isinstance(value, Tensor) else UNKNOWN


def _is_none(given: list[Value]) -> Value:
    flag = is_none(given[0])
    return UNKNOWN if flag is None else Const(flag)


def _dtype_name(given: list[Value]) -> Value:
    value = given[0]
    if isinstance(value, Tensor) and value.dtype is not None:
        return Const(value.dtype)
    return UNKNOWN


FUNCTIONS: Mapping[str, Callable[[list[Value]], Value]] = {
    "rank": _rank,
    "dim": _dim,
    "shape": _shape,
    "tuple_of": _tuple_of,
    "known": _known,
    "static": _known,
    "len": _len,
    "upper": _upper,
    "lower": lambda given: UNKNOWN,
    "positive_axis": _positive_axis,
    "is_int": _kind(int),
    "is_bool": _kind(bool),
    "is_float": _kind(float),
    "is_number": _kind(int, float),
    "is_str": _kind(str),
    "is_sequence": _is_sequence,
    "is_none": _is_none,
    "dtype_name": _dtype_name,
}
"""Functions of the rule language, by name; those that are not here say nothing."""
