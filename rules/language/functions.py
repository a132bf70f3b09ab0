"""The compile-time functions of templates and guards.

New ones are defined here. `known(context, arguments)` answers the value at compile time, None when
it is not known; `build(context, arguments)` gives the expression to print, None for a function that
only makes sense in guards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ...ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Expression,
    Generator,
    Name,
    Symbol,
    Tuple,
)
from .context import Arguments, Context, Function, Table, nothing
from .equations import EQUATIONS
from .facts import Known, is_simple, literal
from .predicates import PREDICATES, dtype_class
from .sizes import SIZES, dim_name

FUNCTIONS = Table(PREDICATES | SIZES | EQUATIONS)


def _string(method: str) -> None:
    def known(context: Context, arguments: Arguments) -> Known | None:
        value = context.known(arguments[0])
        if value is None:
            return None
        if not isinstance(value.value, str):
            raise context.refuse("TJ3003", f"expected a string, got {value.value!r}")
        return Known(getattr(value.value, method)())

    def build(context: Context, arguments: Arguments) -> Expression:
        value = known(context, arguments)
        if value is not None:
            return Constant(value.value)
        return Call(Attribute(context.build(arguments[0]), method), ())

    FUNCTIONS.define(method, (1, 1), f"the string in {method} case", known, build)


_string("upper")
_string("lower")


def _tuple_of(context: Context, arguments: Arguments) -> Known | None:
    value, count = context.known(arguments[0]), context.known(arguments[1])
    if value is None or count is None or not isinstance(count.value, int):
        return None
    if isinstance(value.value, int):
        return Known((value.value,) * count.value)
    given: object = value.value
    if isinstance(given, (tuple, list)):
        items = tuple(cast(Iterable[object], given))
        if len(items) == 1:
            items *= count.value
        if len(items) != count.value:
            raise context.refuse("TJ3003", f"expected {count.value} numbers, got {items!r}")
        return Known(items)
    return value if value.value is None else None


def _build_tuple_of(context: Context, arguments: Arguments) -> Expression:
    value, built = context.known(arguments[0]), context.build(arguments[0])
    count = context.known(arguments[1])
    number = count.value if count is not None and isinstance(count.value, int) else 1
    source = context.source(arguments[0])
    known = _tuple_of(context, arguments)
    if source is None or literal(source) is not None:
        if known is not None:
            return as_expression(known.value)
    elif isinstance(source, Tuple):
        return built
    if isinstance(built, Tuple) and len(built.elements) == number:
        return built
    kind = type(value.value) if value else None
    if kind is None and source is not None:
        kind = context.facts.python_type(source)
    if kind is int and is_simple(built):
        return Tuple((built,) * number)
    if kind is tuple:
        return built
    repeated = Binary("*", Tuple((built,)), Constant(number))
    if kind is int:
        return repeated
    as_tuple = Call(Name("tuple"), (Argument(built),))
    if kind is list:
        return as_tuple
    test = Call(Name("isinstance"), (Argument(built), Argument(Name("int"))))
    return Conditional(test, repeated, as_tuple)


def _ones_of(context: Context, arguments: Arguments) -> Known | None:
    value = context.known(arguments[0])
    if value is None:
        return None
    given: object = value.value
    if given is not None and not isinstance(given, (tuple, list)):
        return None
    items = () if given is None else tuple(cast(Iterable[object], given))
    return Known(tuple(i for i, item in enumerate(items) if item == 1))


def _build_ones_of(context: Context, arguments: Arguments) -> Expression:
    known = _ones_of(context, arguments)
    if known is not None:
        return as_expression(known.value)
    pairs = Call(Name("enumerate"), (Argument(context.build(arguments[0])),))
    test = Compare(Name("n"), ("==",), (Constant(1),))
    target = Tuple((Name("i"), Name("n")))
    axes = Comprehension("generator", Name("i"), None, (Generator(target, pairs, (test,)),))
    return Call(Name("tuple"), (Argument(axes),))


def as_expression(value: object) -> Expression:
    """A known value (number, string, tuple, list) as an expression; lists become tuples."""
    if isinstance(value, (tuple, list)):
        items = cast(tuple[object, ...] | list[object], value)
        return Tuple(tuple(as_expression(item) for item in items))
    return Constant(value)


FUNCTIONS.define(
    "tuple_of",
    (2, 2),
    "`tuple_of(v, n)`: n numbers from one number or from a sequence",
    _tuple_of,
    _build_tuple_of,
)


FUNCTIONS.define(
    "ones_of",
    (1, 1),
    "`ones_of(shape)`: the axes along which a shape is 1",
    _ones_of,
    _build_ones_of,
)


IDENTITY = "optax.identity"
CHAIN = "optax.chain"


def _build_chain(context: Context, arguments: Arguments) -> Expression:
    """One that is left stands alone; chains inside are unrolled."""
    parts: list[Expression] = []
    for argument in arguments:
        match context.build(argument):
            case Call(function=Symbol(path=path)) if path == IDENTITY:
                continue
            case Call(function=Symbol(path=path), arguments=inner) if path == CHAIN:
                parts += [a.value for a in inner]
            case built:
                parts.append(built)
    if len(parts) == 1:
        return parts[0]
    return Call(Symbol(CHAIN), tuple(Argument(part) for part in parts))


FUNCTIONS.define(
    "chain",
    (1, 16),
    "`chain(a, b)`: `optax.chain` of the transformations that are not `optax.identity()`",
    nothing,
    _build_chain,
)


# ---------------------------------------------------------------------------------- objects by name

FUNCTIONS.define(
    "activation",
    (1, 1),
    "the function that an activation argument stands for",
    nothing,
    lambda context, arguments: context.activation(arguments[0]),
)
FUNCTIONS.define(
    "init",
    (1, 1),
    "the JAX initializer that an initializer argument stands for",
    nothing,
    lambda context, arguments: context.initializer(arguments[0]),
)
FUNCTIONS.define(
    "dtype",
    (1, 1),
    "the JAX dtype that a DType argument stands for; of a tensor, `x.dtype`",
    nothing,
    lambda context, arguments: context.dtype(arguments[0]),
)
FUNCTIONS.define(
    "construct",
    (1, 1),
    "the constructor of a layer that is itself an argument (`Bidirectional(LSTM(8))`)",
    nothing,
    lambda context, arguments: context.layer(arguments[0]),
)

__all__ = ["FUNCTIONS", "Context", "Function", "as_expression", "dim_name", "dtype_class"]
