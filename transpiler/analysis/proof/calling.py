"""The two sides of a proof, called with the same arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ....ir.nodes import ClassDef, FunctionDef
from ..calls import instantiate, invoke
from ..definitions import find_member, is_keras
from ..machine import NOWHERE, Machine
from ..structures import rebuilt
from ..target.dtypes import canonical
from ..values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Const,
    Fixed,
    Function,
    Instance,
    Place,
    Real,
    Size,
    Tensor,
    Value,
)
from .entries import Entry
from .pairs import Pair
from .targets import loaded

DEEPEST = 4
"""Objects in objects are followed no further."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`pairs` tell by module and name what became of functions and classes that are passed on."""

    source: Machine
    target: Machine
    pairs: Mapping[tuple[str, str], Pair]

    def of_source(self, function: Function, entry: Entry) -> Value:
        return invoke(self.source, function, Arguments((), entry.given), place_of(self.source))

    def of_source_method(self, cls: ClassValue, name: str, entry: Entry) -> Value:
        m = self.source
        made = instantiate(m, cls, Arguments((), entry.made or {}), place_of(m))
        if not isinstance(made, Instance):
            return UNKNOWN
        method = find_member(cls, name)
        if name == "call" and is_keras(cls) and isinstance(method, Function):
            return m.invoke(made, _in_order(method, entry.given, 1), place_of(m))
        if not isinstance(method, Function):
            return UNKNOWN
        return invoke(m, method.bind(made), Arguments((), entry.given), place_of(m))

    def of_target(self, pair: Pair, new: Value, entry: Entry) -> Value:
        t = self.target
        given = {k: self.translated(v) for k, v in entry.given.items()}
        match new:
            case ClassValue():
                made = self._make(new, given)
                if not isinstance(made, Instance):
                    return UNKNOWN
                call = find_member(new, "__call__")
                if not isinstance(call, Function) or not any(
                    p.name in given for p in call.node.parameters[1:]
                ):
                    return made
                return invoke(t, call.bind(made), self._chosen(call, given, 1), place_of(t))
            case Function():
                return invoke(t, new, self._chosen(new, given, 0), place_of(t))
            case _:
                return UNKNOWN

    def of_target_method(self, cls: ClassValue, name: str, entry: Entry) -> Value:
        t = self.target
        made = self._make(cls, {k: self.translated(v) for k, v in (entry.made or {}).items()})
        method = find_member(cls, name)
        if not isinstance(made, Instance) or not isinstance(method, Function):
            return UNKNOWN
        given = {k: self.translated(v) for k, v in entry.given.items()}
        return invoke(t, method.bind(made), self._chosen(method, given, 1), place_of(t))

    def _make(self, cls: ClassValue, given: Mapping[str, Value]) -> Value:
        init = find_member(cls, "__init__")
        arguments = self._chosen(init, given, 1) if isinstance(init, Function) else Arguments()
        return instantiate(self.target, cls, arguments, place_of(self.target))

    def _chosen(self, function: Function, given: Mapping[str, Value], skip: int) -> Arguments:
        """Those of the arguments that the function takes. A size that the translation adds is
        whatever makes it fit."""
        found: dict[str, Value] = {}
        for parameter in function.node.parameters[skip:]:
            if parameter.kind in ("varargs", "kwargs"):
                continue
            if parameter.name in given:
                found[parameter.name] = given[parameter.name]
            elif parameter.default is None:
                added = parameter.name != "rngs" and parameter.name.endswith(
                    ("_features", "_size", "in_features", "_length")
                )
                size = Size(self.target.solver.fresh(parameter.name))
                found[parameter.name] = size if added else UNKNOWN
        return Arguments((), found)

    def translated(self, value: Value, depth: int = 0) -> Value:
        """The value as the translation gets it."""
        found = rebuilt(value, lambda leaf: self._leaf(leaf, depth))
        if isinstance(found, Fixed) and found.of is not None and found.of.cls is not None:
            cls = self._definition(found.of.cls)
            kind = replace(found.of, cls=cls) if isinstance(cls, ClassValue) else None
            return replace(found, of=kind)
        return found

    def _definition(self, value: Function | ClassValue) -> Value:
        """What the output has under the name of a function or class of the source."""
        frame = loaded(self.target, value.frame.module)
        if frame is None or not isinstance(value.node, (FunctionDef, ClassDef)):
            return UNKNOWN
        pair = self.pairs.get((value.frame.module, value.node.name))
        found = frame.variables.get(value.node.name if pair is None else pair.target, UNKNOWN)
        return found if pair is not None or isinstance(found, ClassValue) else UNKNOWN

    def _object(self, value: Instance, depth: int) -> Value:
        """An object of a class that is kept as it is: its attributes are those of the source."""
        cls = self._definition(value.cls)
        pair = self.pairs.get((value.cls.frame.module, value.cls.node.name))
        kept = pair is None or pair.kind == "plain"
        if not isinstance(cls, ClassValue) or depth >= DEEPEST or not kept or is_keras(value.cls):
            return UNKNOWN
        own = {k: self.translated(v, depth + 1) for k, v in value.attributes.items()}
        return Instance(cls, own)

    def _leaf(self, value: Value, depth: int) -> Value:
        match value:
            case Tensor():
                return Tensor(value.dims, canonical(value.dtype), value.origins, value.last)
            case Const() | Size() | Real():
                return value
            case Function() | ClassValue():
                return self._definition(value)
            case Instance():
                return self._object(value, depth)
            case _:
                return UNKNOWN


def place_of(m: Machine) -> Place:
    return Place(next(iter(m.modules), ""), NOWHERE)


def _in_order(function: Function, given: Mapping[str, Value], skip: int) -> Arguments:
    """The first arguments by position, as Keras calls `call`."""
    positional: list[Value] = []
    rest = dict(given)
    for parameter in function.node.parameters[skip:]:
        if parameter.name not in rest or parameter.kind != "positional":
            break
        positional.append(rest.pop(parameter.name))
    return Arguments(tuple(positional), rest)
