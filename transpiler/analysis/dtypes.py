"""Dtypes as TensorFlow has them: operands of one operation must agree, nothing is promoted."""

from __future__ import annotations

from collections.abc import Sequence

from .machine import Machine
from .values import Api, Const, External, Place, Real, Size, Tensor, Value, const

NAMES = frozenset(
    {
        *("float16", "float32", "float64", "bfloat16", "complex64", "complex128", "bool", "string"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    }
)
ALIASES = {"half": "float16", "double": "float64"}
STRICT = frozenset({"+", "-", "*", "/", "//", "%", "@"})


def dtype_of(value: Value) -> str | None:
    """The dtype that a value names: `"float32"`, `tf.float32`, `np.float32`."""
    name: object = None
    match value:
        case Const(str() as text):
            name = text
        case Api(symbol):
            name = symbol.rpartition(".")[2]
        case External(dotted):
            name = dotted.rpartition(".")[2].rstrip("_")
            if dotted.startswith("builtins."):
                # `tf.as_dtype(float)` is float32; what int becomes depends on the platform.
                name = {"float": "float32", "bool": "bool"}.get(name)
        case _:
            pass
    if not isinstance(name, str):
        return None
    name = ALIASES.get(name, name)
    return name if name in NAMES else None


def policy_dtype(value: Value) -> str | None:
    """What a dtype or the name of a dtype policy makes layers compute in."""
    match value:
        case Const(str() as text) if text.startswith("mixed_"):
            return dtype_of(Const(text.removeprefix("mixed_")))
        case _:
            return dtype_of(value)


def is_float(dtype: str | None) -> bool:
    return dtype is not None and "float" in dtype


def is_integer(dtype: str | None) -> bool:
    return dtype is not None and dtype.lstrip("u").startswith("int")


def agree(
    m: Machine, operands: Sequence[Value], place: Place, what: str, keras3: bool
) -> str | None:
    """The common dtype of tensors and Python numbers; None when it is not known. Reports a clash.

    `keras3`: Keras 3 promotes, for its own tensors and in its own operations.
    """
    tensors = [v for v in operands if isinstance(v, Tensor)]
    promotes = keras3 or (m.flavour == "keras3" and any(t.symbolic for t in tensors))
    dtypes = [t.dtype for t in tensors]
    if not tensors or None in dtypes:
        return None
    first = tensors[0]
    for other in tensors[1:]:
        if other.dtype == first.dtype:
            continue
        if not promotes:
            m.report(
                "TJ4007",
                place,
                f"{what} of {first.dtype} and {other.dtype}: TensorFlow converts neither",
                (
                    (_made(first), f"{first.dtype} is made here"),
                    (_made(other), f"{other.dtype} is made here"),
                ),
                "convert one side with tf.cast",
            )
        return None
    for value in operands:
        number = const(value)
        if isinstance(number, float) and is_integer(first.dtype):
            if not promotes:
                m.report(
                    "TJ4007",
                    place,
                    f"{what} of {first.dtype} and the number {number}: TensorFlow does not "
                    f"convert {number} to {first.dtype}",
                    ((_made(first), f"{first.dtype} is made here"),),
                    "convert the tensor with tf.cast",
                )
            return None
    return first.dtype


def _made(tensor: Tensor) -> Place | None:
    return tensor.made or next((o for o in reversed(tensor.origins) if o is not None), None)


def division(dtype: str | None) -> str | None:
    """What `/` gives: integers are divided as floats."""
    if dtype in ("int8", "uint8", "int16", "uint16"):
        return "float32"
    return "float64" if is_integer(dtype) else dtype


def number_dtype(value: Value) -> str | None:
    """The dtype that TensorFlow gives to a Python value."""
    match value:
        case Const(bool()):
            return "bool"
        case Const(int()) | Size(_, True):
            return "int32"
        case Const(float()) | Real():
            return "float32"
        case Const(str()):
            return "string"
        case Const(complex()):
            return "complex128"
        case _:
            return None
