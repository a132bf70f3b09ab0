"""What the staging evaluator knows about an expression: its binding time and whatever else is
certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...ir.dims import Dim
from ...ir.nodes import Argument, Expression, FunctionDef, Lambda, Name
from ...rules.language.facts import Known as Known
from ..shapes.shapes import UNKNOWN, Shape, Size

if TYPE_CHECKING:
    from .plans import Definition, Plan
    from .sites import Site


@dataclass(frozen=True, slots=True)
class Static:
    """A Python value fixed when the model is built. `size` is set for integers that are affine in
    known sizes; `code` is an equal expression that is valid in `__init__`, for locals of
    `__call__`. `hidden` is the size of one that only `__call__` can tell. `decided`: the target
    answers a question of the source once and for all (`K.is_sparse(x)` is False)."""

    constant: Known | None = None
    kind: type | None = None
    size: Dim | None = None
    code: Expression | None = None
    hidden: Dim | None = None
    decided: bool = False

    @property
    def extent(self) -> Dim | None:
        """The size, whether `__init__` can tell it or not."""
        return self.size if self.size is not None else self.hidden


def integer(size: Dim | None) -> Static:
    """The integer that a size is."""
    if size is not None and size.is_hidden:
        return Static(kind=int, hidden=size)
    known = None if size is None or size.constant is None else Known(size.constant)
    return Static(known, int, size)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value that flows at call time. `mask` is code for the mask that Keras would carry along
    with it; `optional`: it may be None; `assumed`: it may be no tensor at all."""

    shape: Shape = UNKNOWN
    dtype: str | None = None
    mask: Expression | None = None
    optional: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Weight:
    """A variable of the model, read in the call; `shape` as for tensors. `optional`: None in some
    configurations."""

    shape: Shape = UNKNOWN
    dtype: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ShapeOf:
    """The shape of a tensor, as a tuple or list of integers. `inner`: of a tensor whose rank is not
    known, the sizes that follow those of `shape.lead`."""

    shape: Shape
    inner: tuple[Size, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list or tuple. `items` when its elements are known one by one; otherwise `item` stands for
    every element, and `tail` has those that surely come last.

    `shadow` is the name of the static list that runs in parallel with a list of tensors and holds
    their last sizes; `optional`: it may be None.
    """

    kind: str
    items: tuple[Value, ...] | None = None
    item: Value | None = None
    shadow: Expression | None = None
    optional: bool = False
    tail: tuple[Value, ...] = ()


ANY_KEY = object()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A dict with constant keys; `ANY_KEY` stands for those that are not known. `shadow`: the name
    of the static dict that runs in parallel with one of tensors and holds their last sizes;
    `optional`: it may be None."""

    entries: Mapping[Any, Value]
    shadow: Expression | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """An API function or class that has not been called, or an API module."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Defined:
    """A function or class of the project."""

    definition: Definition


@dataclass(frozen=True, slots=True)
class Closure:
    """A local function or lambda, with the variables it sees."""

    definition: FunctionDef | Lambda
    environment: Mapping[str, Value] = field(hash=False)


INITIALIZER = object
"""The `kind` of `Static` values that are initializers: to rules they are objects of some type."""


class NumberArray:
    """The `kind` of `Static` values that are arrays of numbers which Python knows: NumPy's."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A layer or module that has been built (or is being built) at `site`; `optional`: it may be
    None."""

    site: Site
    optional: bool = False


UNKNOWN_TEST = Name("?")


@dataclass(frozen=True, slots=True)
class Several:
    """One of several modules, which one is not known: what a loop over a list of them sees."""

    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two values, by a static test; `UNKNOWN_TEST` if no code at hand says it."""

    test: Expression
    then: Value
    otherwise: Value


@dataclass(frozen=True, slots=True)
class Flagged:
    """One of two forms, by a flag that the caller of a method gives (see `flags`)."""

    test: Expression
    then: Value
    otherwise: Value
    default: bool | None = None


@dataclass(frozen=True, slots=True)
class ByName:
    """One of several layer classes or functions, by a static string: `name` is its code in
    `__init__`, `read` its code here.

    `explicit`: the source lists the candidates, in the dict `origin` (module, variable) if that has
    a name.
    """

    name: Expression
    read: Expression = field(compare=False)
    candidates: Mapping[Any, Value] = field(hash=False)
    origin: tuple[str, str] | None = None
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class LayerFactory:
    """What a function of the project returns that chooses among layers: called, it builds one.

    `parameters`: which of `in_features` and `rngs` it takes. `keeps_shape`: all its layers do."""

    parameters: tuple[str, ...]
    keeps_shape: bool
    modes: frozenset[str]
    hint: str


@dataclass(frozen=True, slots=True)
class GraphModel:
    """A functional model: `Model(inputs, outputs)`."""

    inputs: Value
    outputs: Value
    expression: Expression  # call-time code of the outputs
    given: Expression | None = None  # that of the inputs


@dataclass(frozen=True, slots=True)
class Maker:
    """A function that makes a module, itself the result of a call; `bound` are that call's
    arguments."""

    plan: Plan
    bound: Mapping[str, Any] = field(hash=False, compare=False)
    hint: str


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, ...)`: what it calls, and the arguments that it adds."""

    function: Value
    code: Expression = field(compare=False)
    arguments: tuple[Argument, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """A parameter that callers pass classes of layers as: these are all that the project passes."""

    candidates: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SelfReference:
    """The object under construction, in methods."""


@dataclass(frozen=True, slots=True)
class Elementwise:
    """An activation function that is only known when the model is built: it keeps the shape of its
    input."""


@dataclass(frozen=True, slots=True)
class Object:
    """An optimizer or metric; `owner` is the API class whose members it has in the source."""

    owner: str


@dataclass(frozen=True, slots=True)
class TrainingFlag:
    """The `training` argument of `call`: in Flax, the mode of the module."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known; treated as dynamic when it meets tensors, static otherwise."""


@dataclass(frozen=True, slots=True)
class SomeFunction(Unknown):
    """One of several functions of the project, which one is not known."""

    functions: tuple[Value, ...] = field(hash=False)


Value = (
    Static
    | Tensor
    | Weight
    | ShapeOf
    | Sequence
    | Mapped
    | Api
    | Defined
    | Closure
    | Instance
    | Several
    | Choice
    | Flagged
    | ByName
    | LayerFactory
    | GraphModel
    | Maker
    | Partial
    | Passed
    | SelfReference
    | TrainingFlag
    | Elementwise
    | Object
    | Unknown
)


def may_be_none(value: Value) -> bool:
    """Whether a value that holds tensors may be None instead."""
    match value:
        case (
            Tensor(optional=optional)
            | Weight(optional=optional)
            | Sequence(optional=optional)
            | Mapped(optional=optional)
            | Instance(optional=optional)
        ):
            return optional
        case Choice(_, then, otherwise):
            none = (Static(Known(None)), Static(Known(None), type(None)))
            return then in none or otherwise in none or may_be_none(then) or may_be_none(otherwise)
        case _:
            return False


def is_dynamic(value: Value) -> bool:
    """Whether the value holds a tensor."""
    match value:
        case Tensor() | Weight():
            return True
        case Sequence(items=items, item=item):
            return any(is_dynamic(v) for v in items or ()) or (
                item is not None and is_dynamic(item)
            )
        case Mapped(entries):
            return any(is_dynamic(v) for v in entries.values())
        case Choice(_, then, otherwise) | Flagged(_, then, otherwise):
            return is_dynamic(then) or is_dynamic(otherwise)
        case GraphModel():
            return False
        case _:
            return False
