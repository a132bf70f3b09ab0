"""What annotations and signatures say of tensors: `TensorSpec`, jaxtyping-style strings."""

from __future__ import annotations

import re
from dataclasses import replace

from ...ir.dims import Dim
from ...ir.nodes import (
    Attribute,
    Constant,
    Expression,
    Name,
    OpCall,
    Parameter,
    Subscript,
    Symbol,
    Tuple,
)
from .dtypes import NAMES
from .machine import Machine
from .type_comments import annotation_of
from .values import UNKNOWN, Frame, Place, Size, Spec, Tensor, Value

JAXTYPING = {
    "Float": None,
    "Float32": "float32",
    "Float16": "float16",
    "Float64": "float64",
    "Int": None,
    "Int32": "int32",
    "Int64": "int64",
    "Bool": "bool",
    "BFloat16": "bfloat16",
    "Int8": "int8",
    "UInt8": "uint8",
    "UInt": None,
    "Inexact": None,
    "Real": None,
    "Num": None,
    "Shaped": None,
}
_WORD = re.compile(r"[A-Za-z_]\w*|\d+|\.\.\.|\*\w*|#\w+")


def annotated(m: Machine, annotation: Expression | None, value: Value, frame: Frame) -> Value:
    """The value with what its annotation adds, where it is not known itself."""
    if annotation is None or not (value == UNKNOWN or isinstance(value, Size)):
        return value
    found = read(m, annotation, frame)
    return value if found is None else found


def read(m: Machine, annotation: Expression, frame: Frame) -> Value | None:
    """`Float[Tensor, "batch 28 28 c"]` as a tensor, None for other annotations."""
    match annotation:
        case Subscript(value=kind, index=Tuple(elements=(_, Constant(value=str() as text)))):
            name = _leaf(kind)
            if name not in JAXTYPING:
                return None
            place = m.place(annotation, frame)
            return _tensor(m, text, JAXTYPING[name], frame, place)
        case OpCall(symbol="tf.TensorSpec"):
            found = m.evaluate(annotation, frame)
            return found.tensor if isinstance(found, Spec) else None
        case Constant(value=str() as text):
            inner = annotation_of(text)
            return None if inner is None else read(m, replace(inner, span=annotation.span), frame)
        case _:
            return None


def _leaf(kind: Expression) -> str:
    match kind:
        case Name(id=name) | Attribute(attribute=name):
            return name
        case Symbol(path=path):
            return path.rpartition(".")[2]
        case _:
            return ""


def _tensor(m: Machine, text: str, dtype: str | None, frame: Frame, place: Place) -> Value | None:
    words = text.split()
    if any(not _WORD.fullmatch(w) or w.startswith(("*", ".", "#")) for w in words):
        plain = bool(words) and _WORD.fullmatch(words[-1]) and words[-1][0].isalnum()
        return Tensor(None, dtype, last=_size(m, words[-1], frame) if plain else None)
    dims = tuple(_size(m, w, frame) for w in words)
    return Tensor(dims, dtype, (place,) * len(dims))


def _size(m: Machine, word: str, frame: Frame) -> Dim:
    if word.isdigit():
        return Dim.of(int(word))
    # `_` is any size, each time anew.
    return m.solver.fresh("N") if word == "_" else _named(m, word, frame)


def _named(m: Machine, name: str, frame: Frame) -> Dim:
    """One name is one size throughout a function."""
    table = frame.outcome.setdefault("sizes", {})
    assert isinstance(table, dict)
    known: dict[str, Dim] = table  # pyright: ignore[reportUnknownVariableType]
    if name not in known:
        known[name] = m.solver.fresh(name)
    return known[name]


def free_parameter(m: Machine, parameter: Parameter, frame: Frame) -> Value:
    """A parameter of which the call is not known: a number under its name, if it is one."""
    if parameter.annotation is not None:
        found = read(m, parameter.annotation, frame)
        if found is not None:
            return found
    return Size(m.solver.fresh(parameter.name, "int"), sure=_is_int(parameter.annotation))


def _is_int(annotation: Expression | None) -> bool:
    return isinstance(annotation, Name) and annotation.id == "int"


__all__ = ["NAMES", "annotated", "free_parameter", "read"]
