"""What annotations and signatures say of tensors: `TensorSpec`, jaxtyping-style strings."""

from __future__ import annotations

import re

from ...ir.dims import Dim
from ...ir.nodes import Attribute, Constant, Expression, Name, Parameter, Subscript, Symbol, Tuple
from .dtypes import NAMES
from .machine import Machine
from .values import UNKNOWN, Frame, Place, Size, Tensor, Value

JAXTYPING = {
    "Float": None,
    "Float32": "float32",
    "Float16": "float16",
    "Float64": "float64",
    "Int": None,
    "Int32": "int32",
    "Int64": "int64",
    "Bool": "bool",
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
        return Tensor(None, dtype)
    dims = tuple(Dim.of(int(w)) if w.isdigit() else _named(m, w, frame) for w in words)
    return Tensor(dims, dtype, (place,) * len(dims))


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
