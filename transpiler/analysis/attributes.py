"""What `value.name` stands for."""

from __future__ import annotations

from functools import reduce

from . import layers, policies, tensors
from .definitions import WRAPPERS, decorated_as, find_member, is_keras
from .machine import Machine
from .records import member, tuple_attribute, tuple_type
from .values import (
    UNKNOWN,
    Api,
    ClassValue,
    Const,
    Either,
    External,
    Fixed,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Method,
    Place,
    RecordType,
    Size,
    Spec,
    Stack,
    Super,
    Tensor,
    Value,
)


def attribute(m: Machine, value: Value, name: str, place: Place) -> Value:
    match value:
        case Tensor():
            found = UNKNOWN if m.library is None else m.library.attribute(m, value, name)
            return tensors.attribute(m, value, name) if found == UNKNOWN else found
        case Method(Tensor() as x, "at[]"):
            return Method(x, f"at.{name}")
        case Layer(symbol) if m.library is not None and m.library.knows(symbol):
            found = m.library.layer_attribute(m, value, name)
            return Method(value, name) if found == UNKNOWN else found
        case Instance():
            return _instance_attribute(m, value, name, place)
        case Super(cls, owner):
            origin = owner.cls if isinstance(owner, Instance) else cls
            found = find_member(origin, name, cls)
            return found.bind(owner) if isinstance(found, Function) else Method(value, name)
        case RecordType(fields=fields) if name == "_fields":
            return Fixed(tuple(map(Const, fields)))
        case RecordType():
            return Method(value, name)
        case ClassValue():
            found = find_member(value, name)
            if isinstance(found, Function) and decorated_as(found, "classmethod"):
                return found.bind(value)
            if found is None and (record := tuple_type(value)) is not None:
                return (
                    attribute(m, record, name, place) if name == "_fields" else Method(value, name)
                )
            return UNKNOWN if found is None else found
        case External(dotted):
            return External(f"{dotted}.{name}")
        case Api(symbol):
            return Method(value, name) if symbol in WRAPPERS else UNKNOWN
        case Size() if name == "value":
            return value
        case Fixed(of=RecordType() as kind):
            return tuple_attribute(m, value, kind, name, place)
        case Fixed() if name in ("rank", "ndims"):
            return Const(len(value.items))
        case Fixed() if name == "dims":
            return Listing({"items": value.items})
        case Spec(tensor) if name in ("shape", "dtype"):
            return tensors.attribute(m, tensor, name)
        case Function() if name == "get_concrete_function":
            return Method(value, name)
        case Layer() if (told := policies.attribute(m, value, name)) is not None:
            return told
        case Graph() | Stack() | Layer():
            return layers.attribute(m, value, name)
        case Const() if (told := policies.of_policy(value, name)) is not None:
            return told
        case Listing() | Mapped() | Fixed() | Const():
            return Method(value, name)
        case Either(options):
            found = [attribute(m, option, name, place) for option in options]
            return reduce(m.join, found)
        case _:
            return UNKNOWN


def _instance_attribute(m: Machine, value: Instance, name: str, place: Place) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    found = find_member(value.cls, name)
    if found is not None:
        return member(m, found, value, value.cls, place)
    told = policies.attribute(m, value, name) if is_keras(value.cls) else None
    if told is not None:
        return told
    graph = value.attributes.get("__graph__") or value.attributes.get("__stack__")
    if isinstance(graph, (Graph, Stack)) and name not in ("add_weight",):
        return layers.attribute(m, graph, name)
    return Method(value, name)
