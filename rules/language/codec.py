"""Records and expressions as plain data for `marshal`: objects become (class number, *fields),
tuples become lists.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, cast

from ...ir import nodes
from ...ir.nodes import Node, field_names
from . import records
from .errors import Place

CLASSES: tuple[type[Any], ...] = (
    Place,
    records.ParameterType,
    records.Parameter,
    records.Alias,
    records.Choice,
    records.Requirement,
    records.NoteClause,
    records.ShapeRule,
    records.WeightStep,
    records.Weight,
    records.Rule,
    records.Value,
    records.Status,
    records.Naming,
    *(
        kind
        for _, kind in sorted(vars(nodes).items())
        if isinstance(kind, type) and is_dataclass(kind) and issubclass(kind, Node)
    ),
)
NUMBERS: dict[type[Any], int] = {kind: number for number, kind in enumerate(CLASSES)}
FIELDS: dict[type[Any], tuple[str, ...]] = {
    kind: field_names(kind) if issubclass(kind, Node) else tuple(f.name for f in fields(kind))
    for kind in CLASSES
}


def encode(value: object) -> Any:
    """Raises TypeError for what has no encoding."""
    number = NUMBERS.get(type(value))
    if number is not None:
        return (number, *(encode(getattr(value, name)) for name in FIELDS[type(value)]))
    if isinstance(value, tuple):
        return [encode(item) for item in cast(tuple[object, ...], value)]
    if value is None or value is ... or isinstance(value, (bool, int, float, complex, str, bytes)):
        return value
    raise TypeError(f"no encoding for {type(value).__name__}")


def decode(data: object) -> Any:
    if isinstance(data, list):
        items: list[Any] = [decode(item) for item in cast(list[object], data)]
        return tuple(items)
    if isinstance(data, tuple):
        number, *rest = cast(tuple[Any, ...], data)
        make = cast(Callable[..., Any], CLASSES[number])
        return make(*[decode(item) for item in rest])
    return data


def dumps(value: object) -> bytes:
    return marshal.dumps(encode(value))


def loads(data: bytes) -> Any:
    return decode(marshal.loads(data))
