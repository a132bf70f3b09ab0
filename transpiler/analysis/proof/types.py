"""The types of arrays as signatures can state them: what all known calls have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ....ir.dims import Dim, Variable
from ....ir.nodes import Name
from ..models import tensors_of
from ..values import Graph, Stack, Tensor, Value
from .claims import ArrayType

Types = Mapping[str | int, ArrayType]


def array_types(
    calls: Sequence[tuple[Mapping[str, Value], Value]],
) -> tuple[Types, ArrayType | None]:
    """Of the parameters, and of the result. A model's inputs are counted."""
    given: dict[str | int, ArrayType] = {}
    gives: ArrayType | None = None
    for number, (arguments, result) in enumerate(calls):
        found, outcome = _of_call(arguments, result)
        if number == 0:
            given, gives = found, outcome
            continue
        common = {k: _common(v, found[k]) for k, v in given.items() if k in found}
        given = {k: v for k, v in common.items() if v is not None}
        gives = None if gives is None or outcome is None else _common(gives, outcome)
    return given, gives


def _of_call(
    arguments: Mapping[str, Value], result: Value
) -> tuple[dict[str | int, ArrayType], ArrayType | None]:
    places: dict[str | int, Value] = {**arguments}
    match result:
        case Graph(inputs=inputs, outputs=outputs):
            places = dict(enumerate(tensors_of(inputs) or []))
            result = outputs
        case Stack(cell=cell):
            first, last = cell.get("input"), cell.get("output")
            places = {0: first} if isinstance(first, Value) else {}
            result = last if isinstance(last, Value) else result
        case _:
            pass
    found = {k: t for k, v in places.items() if (t := array_type(v)) is not None}
    return found, array_type(result)


def array_type(value: Value) -> ArrayType | None:
    if not isinstance(value, Tensor) or value.dims is None or value.dtype is None:
        return None
    return ArrayType(value.dtype, tuple(map(_size, value.dims)))


def _size(dim: Dim) -> str:
    number = dim.constant
    if number is not None:
        return str(number)
    if len(dim.terms) == 1 and dim.terms[0][1] == 1 and len(dim.terms[0][0]) == 1:
        match dim.terms[0][0][0]:
            case Variable(expression=Name(id="B")):
                return "batch"
            case Variable(expression=Name(id=name)) if re.fullmatch(r"[A-Za-z]\w*", name):
                return name.lower()
            case _:
                pass
    return "_"


def _common(left: ArrayType, right: ArrayType) -> ArrayType | None:
    if left.dtype != right.dtype or len(left.sizes) != len(right.sizes):
        return None
    pairs = zip(left.sizes, right.sizes, strict=True)
    return ArrayType(left.dtype, tuple(a if a == b else "_" for a, b in pairs))
