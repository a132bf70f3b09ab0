"""Three-valued evaluation of template expressions: a value known at compile time, or None."""

from __future__ import annotations

from typing import Protocol

from ...ir.nodes import (
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Dict,
    Expression,
    FormattedString,
    Lambda,
    List,
    Name,
    Set,
    Starred,
    Subscript,
    Tuple,
    Unary,
)
from ...rules.language.facts import Facts, Known
from ...rules.language.functions import FUNCTIONS, Context
from ...rules.language.records import function_name, variable_name
from . import constants

TYPES: dict[str, type] = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "tuple": tuple,
    "list": list,
    "dict": dict,
}
NEVER_NONE = (Tuple, List, Dict, Set, Lambda, Comprehension, FormattedString, Binary)


class Values(Context, Protocol):
    """A context that can answer for metavariables."""

    def value_of(self, name: str, /) -> Known | None: ...


def known(context: Values, e: Expression) -> Known | None:
    """The value of template expression `e`, None when it is not known."""
    match e:
        case Constant(value=value):
            return Known(value)
        case Name():
            name = variable_name(e)
            return None if name is None else context.value_of(name)
        case Call(function=function, arguments=arguments):
            name = function_name(function)
            if name is not None:
                return FUNCTIONS[name].known(context, [a.value for a in arguments])
            if isinstance(function, Name) and variable_name(function) is None:
                return _call(context, function.id, [a.value for a in arguments])
            return None
        case Tuple(elements=elements) | List(elements=elements):
            values = _all(context, elements)
            return (
                None if values is None else Known(tuple(values) if isinstance(e, Tuple) else values)
            )
        case Boolean(operator=operator, operands=operands):
            return _boolean(context, operator, operands)
        case Unary(operator="not", operand=operand):
            found = known(context, operand)
            return None if found is None else Known(not found.value)
        case Unary(operator="-", operand=operand):
            found = known(context, operand)
            return None if found is None else constants.binary("-", 0, found.value)
        case Binary(operator=operator, left=left, right=right):
            values = _all(context, (left, right))
            return None if values is None else constants.binary(operator, values[0], values[1])
        case Compare():
            return _compare(context, e)
        case Conditional(test=test, then=then, otherwise=otherwise):
            found = known(context, test)
            return None if found is None else known(context, then if found.value else otherwise)
        case Subscript(value=value, index=index):
            values = _all(context, (value, index))
            return None if values is None else _item(values[0], values[1])
        case _:
            return None


def _all(context: Values, es: tuple[Expression, ...]) -> list[object] | None:
    values: list[object] = []
    for e in es:
        found = known(context, e)
        if found is None:
            return None
        values.append(found.value)
    return values


def _item(value: object, index: object) -> Known | None:
    if not isinstance(value, (tuple, list, str)) or not isinstance(index, int):
        return None
    inside = -len(value) <= index < len(value)  # pyright: ignore[reportUnknownArgumentType]
    return Known(value[index]) if inside else None  # pyright: ignore[reportUnknownArgumentType]


def _boolean(context: Values, operator: str, operands: tuple[Expression, ...]) -> Known | None:
    """`False and unknown` is False: an unknown operand does not hide one that decides."""
    decides = operator == "or"
    unknown = False
    last: Known | None = None
    for operand in operands:
        found = known(context, operand)
        if found is None:
            unknown = True
        elif bool(found.value) == decides:
            return found
        else:
            last = found
    return None if unknown else last


def _compare(context: Values, e: Compare) -> Known | None:
    left = e.left
    for operator, right in zip(e.operators, e.comparators, strict=True):
        values = _all(context, (left, right))
        if values is not None:
            found = constants.compare(operator, values[0], values[1])
        else:
            found = _against_none(context, operator, left, right)
        if found is None or not found.value:
            return found
        left = right
    return Known(True)


def _against_none(
    context: Values, operator: str, left: Expression, right: Expression
) -> Known | None:
    """`x is None` for a value that is not known, but known not to be None."""
    if operator not in ("is", "is not", "==", "!="):
        return None
    for e, other in ((left, right), (right, left)):
        if isinstance(other, Constant) and other.value is None:
            source = context.source(e)
            if source is not None and is_never_none(source, context.facts):
                return Known(operator in ("is not", "!="))
    return None


def is_never_none(e: Expression, facts: Facts) -> bool:
    if isinstance(e, NEVER_NONE):
        return True
    if facts.rank(e) is not None or facts.dtype(e) is not None:
        return True
    found = facts.python_type(e)
    return found is not None and found is not type(None)


def _call(context: Values, name: str, arguments: list[Expression]) -> Known | None:
    if name == "isinstance" and len(arguments) == 2:
        return _isinstance(context, arguments[0], arguments[1])
    if name == "len" and len(arguments) == 1:
        source = context.source(arguments[0])
        if isinstance(source, (Tuple, List)) and not any(
            isinstance(e, Starred) for e in source.elements
        ):
            return Known(len(source.elements))
    values = _all(context, tuple(arguments))
    return None if values is None else constants.call(name, values)


def _isinstance(context: Values, e: Expression, kinds: Expression) -> Known | None:
    names = kinds.elements if isinstance(kinds, Tuple) else (kinds,)
    types = [TYPES[n.id] for n in names if isinstance(n, Name) and n.id in TYPES]
    if len(types) < len(names):
        return None
    found = known(context, e)
    if found is not None:
        return Known(isinstance(found.value, tuple(types)))
    source = context.source(e)
    python_type = None if source is None else context.facts.python_type(source)
    return None if python_type is None else Known(issubclass(python_type, tuple(types)))
