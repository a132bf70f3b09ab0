"""Compile-time functions for guards: what is known of an argument."""

from __future__ import annotations

from .context import Arguments, Context, Knower, Table
from .facts import Known, literal

PREDICATES = Table()


def _static(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    return Known(source is None or literal(source) is not None or context.facts.is_static(source))


def _is_known(context: Context, arguments: Arguments) -> Known | None:
    return Known(context.known(arguments[0]) is not None)


PREDICATES.define(
    "static", (1, 1), "whether the argument is known when the model is built", _static
)
PREDICATES.define("known", (1, 1), "whether the value is known at compile time", _is_known)
PREDICATES.define(
    "given",
    (1, 1),
    "whether the call passes the argument",
    lambda context, arguments: Known(context.is_given(arguments[0])),
)


def _type_test(*types: type) -> Knower:
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
    PREDICATES.define(
        _name, (1, 1), f"whether the value is a Python {_name[3:]}", _type_test(*_types)
    )


def _is_tensor(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    if source is None or literal(source) is not None:
        return Known(False)
    facts = context.facts
    return Known(True) if (facts.rank(source), facts.dtype(source)) != (None, None) else None


PREDICATES.define("is_tensor", (1, 1), "whether the value is known to be a tensor", _is_tensor)

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


def _dtype_test(name: str) -> Knower:
    def test(context: Context, arguments: Arguments) -> Known | None:
        source = context.source(arguments[0])
        found = None if source is None else context.facts.dtype(source)
        return None if found is None else Known(dtype_class(found) == name)

    return test


for _name in DTYPE_CLASSES:
    PREDICATES.define(_name, (1, 1), f"whether the tensor's dtype is {_name}", _dtype_test(_name))


def _dtype_name(context: Context, arguments: Arguments) -> Known | None:
    source = context.source(arguments[0])
    found = None if source is None else context.facts.dtype(source)
    return None if found is None else Known(found)


PREDICATES.define("dtype_name", (1, 1), 'the dtype of a tensor as a string, "float32"', _dtype_name)
