"""Values up to the names of sizes: what two calls have in common that go the same way.

A form is a flat tuple. Variables, objects that can change, places, and literals that may not matter
are numbered in the order in which they are met; all else is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, cast

from ...ir.dims import Atom, Dim, Extremum, Quotient, Variable
from ...ir.nodes import Name
from .layers import Built
from .solver import Solver
from .tables import IDLE, Tables, literal
from .tracked import Tracked
from .values import (
    Api,
    Arguments,
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

LARGEST = 30_000
HOLDERS = (Listing, Mapped, Instance, Layer, Stack)


class Formless(Exception):
    """The value cannot be written as a form, or is too large."""


def is_holder(value: object) -> bool:
    return isinstance(value, HOLDERS)


def cell_of(value: Value) -> dict[Any, Any]:
    """What of the value can change."""
    match value:
        case Listing(cell=cell) | Mapped(cell=cell) | Layer(cell=cell) | Stack(cell=cell):
            return cell
        case Instance(attributes=attributes):
            return attributes
        case _:
            raise Formless


class Form:
    """Collects the form of what is visited, and what was numbered on the way."""

    def __init__(self, solver: Solver, tables: Tables, fixed: frozenset[Hashable]) -> None:
        self.solver, self.tables, self.fixed = solver, tables, fixed
        self.tokens: list[Any] = []
        self.variables: dict[Hashable, int] = {}
        self.order: list[Variable] = []
        self.objects: dict[int, int] = {}
        self.held: list[Any] = []
        self.texts: list[Tracked] = []
        self.places: list[Place | None] = []
        # By identity, which `held_dims` keeps.
        self.dims: dict[int, object] = {}
        self.held_dims: list[Dim] = []

    def finished(self) -> tuple[Any, ...]:
        """The form, with what is known of the variables in it."""
        solver, put = self.solver, self.tokens.append
        bounds, done = solver.bounds, 0
        while done < len(self.order):
            key = self.order[done].key
            put(key in bounds.positive)
            put(key in solver.varying)
            put(bounds.least.get(key))
            put(bounds.most.get(key))
            known = solver.solved.get(key)
            put(None if known is None else self.dim(known.dim))
            done += 1
        for equation in solver.cell.get("rest", ()):
            if any(v.key in self.variables for v in equation.difference.atoms()):
                raise Formless
        return tuple(self.tokens)

    # -- sizes

    def dim(self, dim: Dim) -> object:
        found = self.dims.get(id(dim))
        if found is None:
            number = dim.constant
            found = self._terms(dim) if number is None else number
            self.dims[id(dim)] = found
            self.held_dims.append(dim)
        return found

    def _terms(self, dim: Dim) -> object:
        match dim.terms:
            case ((((Variable() as variable),), 1),):
                return self._variable(variable)
            case terms:
                return tuple((tuple(map(self._atom, atoms)), count) for atoms, count in terms)

    def _atom(self, atom: Atom) -> object:
        match atom:
            case Variable():
                return self._variable(atom)
            case Quotient(numerator, denominator, ceiling, exact):
                return "/", self.dim(numerator), self.dim(denominator), ceiling, exact
            case Extremum(function, operands):
                return function, *map(self.dim, operands)

    def _variable(self, variable: Variable) -> object:
        key, expression = variable.key, variable.expression
        if key in self.fixed:
            return "fixed", key
        if not isinstance(expression, Name) or type(key) is not tuple:
            raise Formless
        number = self.variables.get(variable.key)
        if number is None:
            number = self.variables[variable.key] = len(self.order)
            self.order.append(variable)
        kind, _ = cast(tuple[str, int], key)
        return number, kind, expression.id

    # -- values

    def visit(self, value: object) -> None:
        if len(self.tokens) > LARGEST:
            raise Formless
        handler = HANDLERS.get(type(value))
        if handler is None:
            raise Formless
        handler(self, value)

    def _again(self, value: object) -> bool:
        """Whether the object was met before; notes it if not."""
        number = self.objects.get(id(value))
        if number is not None:
            self.tokens.append(("same", number))
            return True
        self.objects[id(value)] = len(self.held)
        self.held.append(value)
        return False

    def _several(self, values: tuple[Any, ...]) -> None:
        self.tokens.append(len(values))
        for value in values:
            self.visit(value)

    def _named(self, values: Any) -> None:
        self.tokens.append(len(values))
        for key, value in values.items():
            self.tokens.append((type(key), key))
            self.visit(value)

    def of_literal(self, value: Value) -> None:
        self.tokens.append(literal(value))

    def of_tracked(self, value: Tracked) -> None:
        self.tokens.append(literal(value))
        self.texts.append(value)

    def of_size(self, value: Size) -> None:
        self.tokens.append((Size, value.sure, self.dim(value.dim)))

    def of_real(self, value: Real) -> None:
        dim = None if value.dim is None else self.dim(value.dim)
        self.tokens.append((Real, value.below, dim))

    def of_tensor(self, value: Tensor) -> None:
        dims = None if value.dims is None else tuple(map(self.dim, value.dims))
        last = None if value.last is None else self.dim(value.last)
        kind = value.dtype, value.symbolic, value.variable, value.weak
        self.tokens.append((Tensor, dims, last, kind, len(value.origins)))
        self.places += value.origins
        self.places.append(value.made)

    def of_fixed(self, value: Fixed) -> None:
        self.tokens.append((Fixed, value.shape))
        if value.of is not None:
            self.of_record(value.of)
        self._several(value.items)

    def of_spec(self, value: Spec) -> None:
        self.tokens.append(Spec)
        self.of_tensor(value.tensor)

    def of_listing(self, value: Listing) -> None:
        if not self._again(value):
            self.tokens.append(Listing)
            self._content(value.cell)

    def of_mapped(self, value: Mapped) -> None:
        if not self._again(value):
            self.tokens.append(Mapped)
            self._content(value.cell)

    def _content(self, cell: dict[Any, Any]) -> None:
        """Of lists, dicts, layers and stacks."""
        self.tokens.append(len(cell))
        for key, value in cell.items():
            self.tokens.append(key)
            match value:
                case None:
                    self.tokens.append(None)
                case Value() | Built():
                    self.visit(value)
                case tuple():
                    self._several(value)  # pyright: ignore[reportUnknownArgumentType]
                case dict():
                    self._named(value)
                case _:
                    raise Formless

    def of_built(self, value: Built) -> None:
        self.tokens.append((Built, self.dim(value.size)))
        self.places.append(value.place)

    def of_layer(self, value: Layer) -> None:
        if self._again(value):
            return
        self.places.append(value.place)
        known = self.tables.literals(value.arguments)
        self.tokens.append((Layer, value.symbol, known and known[0]))
        if known is None:
            self._named({k: v for k, v in value.arguments.items() if k not in IDLE})
        else:
            self.texts += known[1]
        self._content(value.cell)

    def of_stack(self, value: Stack) -> None:
        if not self._again(value):
            self.tokens.append(Stack)
            self.places.append(value.place)
            self._content(value.cell)

    def of_graph(self, value: Graph) -> None:
        if not self._again(value):
            self.tokens.append(Graph)
            self.places.append(value.place)
            self.visit(value.inputs)
            self.visit(value.outputs)

    def of_instance(self, value: Instance) -> None:
        if not self._again(value):
            self.tokens.append(Instance)
            self.of_class(value.cls)
            self._named(value.attributes)

    def of_record(self, value: RecordType) -> None:
        self.tokens.append((RecordType, value.name, value.fields))
        if value.cls is None:
            self._named(value.defaults)
        else:
            self.of_class(value.cls)

    def of_class(self, value: ClassValue) -> None:
        self.tokens.append((ClassValue, id(value)))
        self.held.append(value)

    def of_function(self, value: Function) -> None:
        if not self._again(value):
            self.function(value)

    def function(self, value: Function) -> None:
        """The function itself, without a number of its own."""
        self.tokens.append((Function, id(value.node), id(value.cls)))
        self.held.append(value.node)
        if value.owner is None:
            self.tokens.append(None)
        else:
            self.visit(value.owner)
        if value.frame.parent is None:
            self.tokens.append(id(value.frame))
            return
        self._named(dict(value.defaults))
        self.free(value)

    def free(self, value: Function) -> None:
        """What the function finds in the functions around it."""
        for name in self.tables.bodies.of(value.node).names:
            scope = value.frame
            while scope.parent is not None:
                found = scope.variables.get(name)
                if found is not None:
                    self.tokens.append(name)
                    self.visit(found)
                    break
                scope = scope.parent
        scope = value.frame
        while scope.parent is not None:
            if scope.cls is not None and scope.owner is not None:
                self.of_class(scope.cls)
                self.visit(scope.owner)
                break
            scope = scope.parent

    def arguments(self, given: Arguments) -> None:
        self.tokens.append(given.complete)
        self._several(given.positional)
        self._named(given.keywords)

    def of_partial(self, value: Partial) -> None:
        if not self._again(value):
            self.tokens.append(Partial)
            self.visit(value.function)
            self.arguments(value.given)

    def of_method(self, value: Method) -> None:
        self.tokens.append((Method, value.name))
        self.visit(value.owner)

    def of_either(self, value: Either) -> None:
        self.tokens.append(Either)
        self._several(value.options)

    def of_super(self, value: Super) -> None:
        self.tokens.append(Super)
        self.of_class(value.cls)
        self.visit(value.owner)


HANDLERS: dict[type, Callable[[Form, Any], None]] = {
    Value: Form.of_literal,
    Const: Form.of_literal,
    Tracked: Form.of_tracked,
    Size: Form.of_size,
    Real: Form.of_real,
    Tensor: Form.of_tensor,
    Fixed: Form.of_fixed,
    Spec: Form.of_spec,
    Listing: Form.of_listing,
    Mapped: Form.of_mapped,
    Built: Form.of_built,
    Layer: Form.of_layer,
    Stack: Form.of_stack,
    Graph: Form.of_graph,
    Instance: Form.of_instance,
    ClassValue: Form.of_class,
    RecordType: Form.of_record,
    Function: Form.of_function,
    Partial: Form.of_partial,
    Method: Form.of_method,
    Either: Form.of_either,
    Super: Form.of_super,
    Api: Form.of_literal,
    External: Form.of_literal,
}
