"""The compile-time functions of templates and guards: one table, extended here and nowhere else.

`known(context, arguments)` answers the value at compile time, None when it is not known;
`build(context, arguments)` gives the expression to print, None for a function that only makes sense
in guards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from ...ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Conditional,
    Constant,
    Expression,
    Name,
    Subscript,
    Tuple,
)
from .facts import Facts, Known, is_simple, literal

Arguments = Sequence[Expression]


class Context(Protocol):
    """One application of a rule. Arguments of functions are template expressions, not yet
    substituted.
    """

    @property
    def facts(self) -> Facts: ...

    def known(self, e: Expression, /) -> Known | None:
        """The value of a template expression, if it is known."""
        ...

    def build(self, e: Expression, /) -> Expression:
        """The target expression of a template expression."""
        ...

    def source(self, e: Expression, /) -> Expression | None:
        """The source expression behind a metavariable: the argument, or the declared default."""
        ...

    def is_given(self, e: Expression, /) -> bool:
        """Whether the call passes the argument."""
        ...

    def size(self, name: str, /) -> Expression | None:
        """A size that the caller supplied: "D", "rank(x)", "dim(x, 1)"."""
        ...

    def activation(self, e: Expression, /) -> Expression: ...

    def initializer(self, e: Expression, /) -> Expression: ...

    def dtype(self, e: Expression, /) -> Expression: ...

    def layer(self, e: Expression, /) -> Expression: ...

    def refuse(self, code: str, message: str, /) -> Exception: ...


@dataclass(frozen=True, slots=True)
class Function:
    """`arity` is the least and the largest number of arguments."""

    name: str
    arity: tuple[int, int]
    doc: str
    known: Callable[[Context, Arguments], Known | None]
    build: Callable[[Context, Arguments], Expression] | None = None


FUNCTIONS: dict[str, Function] = {}


def _define(
    name: str,
    arity: tuple[int, int],
    doc: str,
    known: Callable[[Context, Arguments], Known | None],
    build: Callable[[Context, Arguments], Expression] | None = None,
) -> None:
    FUNCTIONS[name] = Function(name, arity, doc, known, build)


def _nothing(context: Context, arguments: Arguments) -> Known | None:
    return None


# ------------------------------------------------------------------------------------ what is known


def _static(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    return Known(source is None or literal(source) is not None or context.facts.is_static(source))


def _is_known(context: Context, arguments: Arguments) -> Known | None:
    return Known(context.known(arguments[0]) is not None)


_define("static", (1, 1), "whether the argument is known when the model is built", _static)
_define("known", (1, 1), "whether the value is known at compile time", _is_known)
_define(
    "given",
    (1, 1),
    "whether the call passes the argument",
    lambda context, arguments: Known(context.is_given(arguments[0])),
)


def _type_test(*types: type) -> Callable[[Context, Arguments], Known | None]:
    def test(context: Context, arguments: Arguments) -> Known | None:
        value = context.known(arguments[0])
        if value is not None:
            found = type(value.value)
        else:
            source = context.source(arguments[0])
            python_type = None if source is None else context.facts.python_type(source)
            if python_type is None:
                return None
            found = python_type
        return Known(issubclass(found, types) and not (found is bool and bool not in types))

    return test


for _name, _types in {
    "is_int": (int,),
    "is_bool": (bool,),
    "is_float": (float,),
    "is_number": (int, float),
    "is_str": (str,),
    "is_sequence": (tuple, list),
    "is_none": (type(None),),
}.items():
    _define(_name, (1, 1), f"whether the value is a Python {_name[3:]}", _type_test(*_types))


def _is_tensor(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    if source is None or literal(source) is not None:
        return Known(False)
    facts = context.facts
    return Known(True) if (facts.rank(source), facts.dtype(source)) != (None, None) else None


_define("is_tensor", (1, 1), "whether the value is known to be a tensor", _is_tensor)

DTYPE_CLASSES = {
    "integer": ("int", "uint"),
    "floating": ("float", "bfloat"),
    "boolean": ("bool",),
    "complex_number": ("complex",),
    "string": ("string",),
}


def dtype_class(dtype: str) -> str:
    """`float32` -> `floating`; the name itself when it is of no class."""
    stem = dtype.rstrip("0123456789")
    return next((name for name, stems in DTYPE_CLASSES.items() if stem in stems), stem)


def _dtype_test(name: str) -> Callable[[Context, Arguments], Known | None]:
    def test(context: Context, arguments: Arguments) -> Known | None:
        source = context.source(arguments[0])
        found = None if source is None else context.facts.dtype(source)
        return None if found is None else Known(dtype_class(found) == name)

    return test


for _name in DTYPE_CLASSES:
    _define(_name, (1, 1), f"whether the tensor's dtype is {_name}", _dtype_test(_name))


def _dtype_name(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    found = None if source is None else context.facts.dtype(source)
    return None if found is None else Known(found)


_define("dtype_name", (1, 1), 'the dtype of a tensor as a string, "float32"', _dtype_name)


# ------------------------------------------------------------------------------------------- shapes


def _rank(context: Context, arguments: Arguments) -> Known | None:
    supplied = context.size(f"rank({_plain(arguments[0])})")
    if supplied is not None:
        return literal(supplied)
    source = context.source(arguments[0])
    rank = None if source is None else context.facts.rank(source)
    return None if rank is None else Known(rank)


def _plain(e: Expression) -> str:
    return e.id.lstrip("$") if isinstance(e, Name) else "?"


def _build_rank(context: Context, arguments: Arguments) -> Expression:
    known = _rank(context, arguments)
    return Constant(known.value) if known else Attribute(context.build(arguments[0]), "ndim")


def _build_shape(context: Context, arguments: Arguments) -> Expression:
    return Attribute(context.build(arguments[0]), "shape")


def dim_name(context: Context, arguments: Arguments) -> str:
    """The name under which a caller supplies this size."""
    index = context.known(arguments[1])
    return f"dim({_plain(arguments[0])}, {index.value if index else '?'})"


def _supplied_dim(context: Context, arguments: Arguments) -> Expression | None:
    return context.size(dim_name(context, arguments))


def _dim(context: Context, arguments: Arguments) -> Known | None:
    supplied = _supplied_dim(context, arguments)
    if supplied is not None:
        return literal(supplied)
    source, index = context.source(arguments[0]), context.known(arguments[1])
    shape = None if source is None else context.facts.shape(source)
    if shape is None or index is None or not isinstance(index.value, int):
        return None
    if not -len(shape) <= index.value < len(shape):
        raise context.refuse("TJ4004", f"axis {index.value} of a tensor of rank {len(shape)}")
    size = shape[index.value]
    value = size if isinstance(size, int) else getattr(size, "constant", None)
    return Known(value) if isinstance(value, int) else None


def _build_dim(context: Context, arguments: Arguments) -> Expression:
    supplied = _supplied_dim(context, arguments)
    if supplied is not None:
        return supplied
    return Subscript(_build_shape(context, arguments[:1]), context.build(arguments[1]))


def _positive_axis(context: Context, arguments: Arguments) -> Known | None:
    axis, rank = context.known(arguments[0]), _rank(context, arguments[1:])
    if axis is None or not isinstance(axis.value, int):
        return None
    if axis.value >= 0:
        return axis
    if rank is None or not isinstance(rank.value, int):
        return None
    return Known(axis.value + rank.value)


def _build_positive_axis(context: Context, arguments: Arguments) -> Expression:
    known = _positive_axis(context, arguments)
    if known is not None:
        return Constant(known.value)
    axis = context.build(arguments[0])
    return Binary("%", axis, _build_rank(context, arguments[1:]))


_define("rank", (1, 1), "the number of axes of a tensor: a number, or `x.ndim`", _rank, _build_rank)
_define("shape", (1, 1), "`x.shape`", _nothing, _build_shape)
_define(
    "dim", (2, 2), "`x.shape[i]`; in a layer's `to`, a size the caller supplies", _dim, _build_dim
)
_define(
    "positive_axis",
    (2, 2),
    "`positive_axis(axis, x)`: the axis counted from 0",
    _positive_axis,
    _build_positive_axis,
)


# ------------------------------------------------------------------------------------------- values


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

    _define(method, (1, 1), f"the string in {method} case", known, build)


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


def as_expression(value: object) -> Expression:
    """A known value (number, string, tuple, list) as an expression; lists become tuples."""
    if isinstance(value, (tuple, list)):
        items = cast(tuple[object, ...] | list[object], value)
        return Tuple(tuple(as_expression(item) for item in items))
    return Constant(value)


_define(
    "tuple_of",
    (2, 2),
    "`tuple_of(v, n)`: n numbers from one number or from a sequence",
    _tuple_of,
    _build_tuple_of,
)


# ---------------------------------------------------------------------------------- objects by name

_define(
    "activation",
    (1, 1),
    "the function that an activation argument stands for",
    _nothing,
    lambda context, arguments: context.activation(arguments[0]),
)
_define(
    "init",
    (1, 1),
    "the JAX initializer that an initializer argument stands for",
    _nothing,
    lambda context, arguments: context.initializer(arguments[0]),
)
_define(
    "dtype",
    (1, 1),
    "the JAX dtype that a DType argument stands for; of a tensor, `x.dtype`",
    _nothing,
    lambda context, arguments: context.dtype(arguments[0]),
)
_define(
    "construct",
    (1, 1),
    "the constructor of a layer that is itself an argument (`Bidirectional(LSTM(8))`)",
    _nothing,
    lambda context, arguments: context.layer(arguments[0]),
)
