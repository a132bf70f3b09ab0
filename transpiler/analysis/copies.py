"""Values over, with other sizes, places and objects in them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Any, cast

from ...ir.dims import Dim, Variable
from .forms import Formless, cell_of
from .layers import Built
from .tables import Tables
from .tracked import Tracked, joined
from .values import (
    Api,
    Arguments,
    ClassValue,
    Const,
    Either,
    External,
    Fixed,
    Frame,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Mapped,
    Method,
    Partial,
    Place,
    Real,
    RecordType,
    Size,
    Spec,
    Stack,
    Super,
    Tensor,
    Value,
)

ATOMS = frozenset({Value, Const, ClassValue, RecordType, Api, External})


class Copier:
    """`sizes` gives another size for a variable, or None; `places`, `texts` and `objects` map what
    is to be exchanged (by identity). Objects of `shared` stay, and layers if they are `lasting`
    and nothing in them is another; others that can change are made anew, each once."""

    def __init__(
        self,
        tables: Tables,
        sizes: Callable[[Variable], Dim | None] | None,
        places: Mapping[Place, Place],
        texts: Mapping[int, Tracked],
        objects: Mapping[int, Any],
        shared: Container[int],
        lasting: bool = False,
    ) -> None:
        self.tables, self.sizes, self.places = tables, sizes, places
        self.texts, self.shared, self.lasting = texts, shared, lasting
        self.objects: dict[int, Any] = dict(objects)
        # Keeps what was copied alive, and so its identity.
        self.kept: list[Any] = []
        self.dims: dict[int, tuple[Dim, Dim]] = {}

    def dim(self, dim: Dim) -> Dim:
        if self.sizes is None:
            return dim
        found = self.dims.get(id(dim))
        if found is None:
            new = dim if dim.constant is not None else dim.substitute(self.sizes)
            found = self.dims[id(dim)] = dim, new
        return found[1]

    def place(self, place: Place | None) -> Place | None:
        return None if place is None else self.places.get(place, place)

    def at(self, place: Place) -> Place:
        return self.places.get(place, place)

    def value(self, value: Any) -> Any:
        if type(value) in ATOMS:
            return value
        match value:
            case Tensor():
                return self.tensor(value)
            case Tracked():
                return self._text(value)
            case Size(dim, sure):
                new = self.dim(dim)
                return value if new is dim else Size(new, sure)
            case Real(dim=None):
                return value
            case Real(dim=dim):
                return value if dim is None else replace(value, dim=self.dim(dim))
            case Fixed(items=items):
                new = self._all(items)
                return value if new is items else Fixed(new, value.shape, value.of)
            case Listing() | Mapped() | Instance() | Layer() | Stack():
                return self._object(value)
            case Graph():
                return self._graph(value)
            case Function():
                return self._function(value)
            case _:
                return self._rest(value)

    def _rest(self, value: Any) -> Any:
        match value:
            case Partial(function, given):
                return Partial(self.value(function), self.arguments(given))
            case Method(owner, name):
                return Method(self.value(owner), name)
            case Either(options):
                return Either(self._all(options))
            case Spec(tensor):
                return Spec(self.tensor(tensor))
            case Super(cls, owner):
                return Super(cls, self.value(owner))
            case _:
                raise Formless

    def _all(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        new = tuple(map(self.value, items))
        return items if all(a is b for a, b in zip(items, new, strict=True)) else new

    def arguments(self, given: Arguments) -> Arguments:
        keywords = {k: self.value(v) for k, v in given.keywords.items()}
        return Arguments(self._all(given.positional), keywords, given.complete)

    def _text(self, text: Tracked) -> Tracked:
        known = self.texts.get(id(text))
        if known is not None or not text.parts:
            return known or text
        parts = [self._text(p) if isinstance(p, Tracked) else Const(p) for p in text.parts]
        if all(a is b for a, b in zip(parts, text.parts, strict=True) if isinstance(a, Tracked)):
            return text
        return joined(parts, text.clock)

    def tensor(self, x: Tensor) -> Tensor:
        if self.sizes is None and not self.places:
            return x
        dims = None if x.dims is None else tuple(map(self.dim, x.dims))
        last = None if x.last is None else self.dim(x.last)
        origins = tuple(map(self.place, x.origins))
        return Tensor(
            dims, x.dtype, origins, last, x.symbolic, x.variable, self.place(x.made), x.weak
        )

    def _object(self, value: Any) -> Any:
        known = self.objects.get(id(value))
        if known is not None:
            return known
        cell = cell_of(value)
        if id(cell) in self.shared:
            return value
        new: Any
        match value:
            case Instance(cls=cls, given=given):
                new = Instance(cls, {}, None if given is None else self.arguments(given))
            case Layer(symbol, arguments, place):
                given, where = self._literals(arguments), self.at(place)
                if self.lasting and given is arguments and where is place and not cell:
                    return value
                new = Layer(symbol, given, where, {})
            case Stack(place=place):
                new = Stack(self.at(place), {})
            case Listing():
                new = Listing({})
            case _:
                new = Mapped({})
        self.objects[id(value)] = new
        self.kept.append(value)
        cell_of(new).update({k: self.content(v) for k, v in cell.items()})
        return new

    def _literals(self, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
        """Arguments anew; the same where nothing in them changes."""
        values = {k: self.value(v) for k, v in arguments.items()}
        same = all(a is b for a, b in zip(values.values(), arguments.values(), strict=True))
        return arguments if same else values

    def content(self, content: Any) -> Any:
        """What a cell holds under one of its keys."""
        match content:
            case None:
                return None
            case Value():
                return self.value(content)
            case Built(size, place):
                return Built(self.dim(size), self.at(place))
            case tuple():
                return self._all(content)  # pyright: ignore[reportUnknownArgumentType]
            case dict():
                known = cast(dict[Any, Any], content)
                return {k: self.value(v) for k, v in known.items()}
            case _:
                raise Formless

    def _graph(self, value: Graph) -> Graph:
        known = self.objects.get(id(value))
        if known is None:
            inputs, outputs = self.value(value.inputs), self.value(value.outputs)
            known = self.objects[id(value)] = Graph(inputs, outputs, self.at(value.place))
            self.kept.append(value)
        return known

    def _function(self, value: Function) -> Function:
        known = self.objects.get(id(value))
        if known is not None:
            return known
        plain = value.frame.parent is None
        if plain and value.owner is None:
            return value
        self.kept.append(value)
        owner = None if value.owner is None else self.value(value.owner)
        if plain:
            new = value.bind(owner) if owner is not None else value
            self.objects[id(value)] = new
            return new
        frame, around = self._around(value)
        defaults: dict[str, Value] = {}
        new = Function(value.node, frame, defaults, value.cls, owner)
        self.objects[id(value)] = new
        defaults |= {k: self.value(v) for k, v in value.defaults.items()}
        frame.variables.update({k: self.value(v) for k, v in around.items()})
        return new

    def _around(self, value: Function) -> tuple[Frame, dict[str, Value]]:
        """One frame in place of those around a function, and what is to be in it."""
        wanted = self.tables.bodies.of(value.node).names
        found: dict[str, Value] = {}
        scope, method = value.frame, value.frame
        while scope.parent is not None:
            for name in wanted:
                if name in scope.variables:
                    found.setdefault(name, scope.variables[name])
            if method.cls is None or method.owner is None:
                method = scope
            scope = scope.parent
        owner = None if method.owner is None else self.value(method.owner)
        return Frame(value.frame.module, {}, scope, method.cls, owner), found
