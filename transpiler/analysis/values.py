"""What an expression can stand for while a program is followed.

Values are immutable. What changes (variables, lists, attributes) lives in cells: dictionaries that
are written through a `Trail` only, so that branches can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...ir.dims import Dim
from ...ir.nodes import ClassDef, FunctionDef, Lambda
from ...ir.span import Span


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the source of one module."""

    module: str
    span: Span


@dataclass(frozen=True, slots=True)
class Value:
    """Nothing is known. The base of what more is known of."""


UNKNOWN = Value()


@dataclass(frozen=True, slots=True, eq=False)
class Thing(Value):
    """What is equal to itself only."""

    # For the `__eq__` of `Value`, all objects of one class are equal.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True)
class Const(Value):
    """A Python literal: None, bool, int, float, str, bytes, Ellipsis."""

    value: object


@dataclass(frozen=True, slots=True)
class Size(Value):
    """An integer that is known as an expression only. Not `sure`: it may be anything, and is that
    expression if it is an integer (a parameter)."""

    dim: Dim
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Real(Value):
    """A Python float: `dim / below`; nothing is known of it if `dim` is None."""

    dim: Dim | None = None
    below: int = 1


@dataclass(frozen=True, slots=True)
class Tensor(Value):
    """A tensor. `dims` is None when the rank is unknown; then `last` may tell the last size.

    `origins` say where each size was fixed. `symbolic`: a Keras tensor, on whose dtype Keras 3
    promotes.
    """

    dims: tuple[Dim, ...] | None = None
    dtype: str | None = None
    origins: tuple[Place | None, ...] = ()
    last: Dim | None = None
    symbolic: bool = False
    variable: bool = False
    # Where the tensor as a whole comes from: the last operation that changed its shape.
    made: Place | None = None
    # In JAX: gives way to the dtype of what it meets.
    weak: bool = False

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)

    def origin(self, axis: int) -> Place | None:
        return self.origins[axis] if -len(self.origins) <= axis < len(self.origins) else None

    def made_at(self, place: Place | None) -> Tensor:
        """The tensor with `made` as given."""
        return Tensor(
            *(self.dims, self.dtype, self.origins, self.last, self.symbolic, self.variable),
            *(place, self.weak),
        )


@dataclass(frozen=True, slots=True)
class Fixed(Value):
    """A tuple; a `shape` is one that does arithmetic by element (`tf.shape(x)`). `of`: the type
    of a named tuple."""

    items: tuple[Value, ...]
    shape: bool = False
    of: RecordType | None = None


@dataclass(frozen=True, slots=True)
class RecordType(Value):
    """A class of tuples whose items have names; `cls` where the program has a `class` for it."""

    name: str
    fields: tuple[str, ...]
    defaults: Mapping[str, Value] = field(compare=False)
    cls: ClassValue | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Listing(Thing):
    """A list: `cell["items"]` is a tuple, None when nothing is known."""

    cell: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Mapped(Thing):
    """A dict: `cell["items"]` maps constants to values, None when nothing is known."""

    cell: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The variables of a running function or module; `cls` is the class whose method runs."""

    module: str
    variables: dict[str, Value] = field(default_factory=dict[str, Value])
    parent: Frame | None = None
    cls: ClassValue | None = None
    owner: Value | None = None
    outcome: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, eq=False)
class Function(Thing):
    """A function of the project. `defaults` are those of its parameters, as they were when it was
    made; `owner`: the object or class that it is bound to."""

    node: FunctionDef | Lambda
    frame: Frame
    defaults: Mapping[str, Value]
    cls: ClassValue | None = None
    owner: Value | None = None

    def bind(self, owner: Value) -> Function:
        return Function(self.node, self.frame, self.defaults, self.cls, owner)


@dataclass(frozen=True, slots=True, eq=False)
class ClassValue(Thing):
    """A class of the project: `bases` in order; `members` are its functions and variables."""

    node: ClassDef
    frame: Frame
    bases: tuple[Value, ...]
    members: Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Instance(Thing):
    """An object of a class of the project: attributes by name. `given`: what it was made with."""

    cls: ClassValue
    attributes: dict[str, Value]
    given: Arguments | None = None


@dataclass(frozen=True, slots=True)
class Api(Value):
    """An API function or class, by its canonical name."""

    symbol: str


@dataclass(frozen=True, slots=True)
class External(Value):
    """Something of another library, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True, eq=False)
class Layer(Thing):
    """A Keras layer: its arguments, and in `cell` the sizes it was built with."""

    symbol: str
    arguments: Mapping[str, Value]
    place: Place
    cell: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, eq=False)
class Graph(Thing):
    """A functional model: what goes in and what comes out."""

    inputs: Value
    outputs: Value
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Stack(Thing):
    """A `Sequential`: `cell["layers"]`, None when unknown, and `cell["output"]`."""

    place: Place
    cell: dict[str, object]


@dataclass(frozen=True, slots=True)
class Spec(Value):
    """A `tf.TensorSpec`, a `tf.keras.layers.InputSpec`."""

    tensor: Tensor


@dataclass(frozen=True, slots=True)
class Method(Value):
    """A method of a value that is none of the project's: `x.append`."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Partial(Thing):
    """`functools.partial(function, ...)`."""

    function: Value
    given: Arguments


@dataclass(frozen=True, slots=True)
class Either(Value):
    """One of several things that can be called."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Super(Value):
    """`super()`: the classes after `cls`, for `owner`."""

    cls: ClassValue
    owner: Value


@dataclass(frozen=True, slots=True)
class Arguments:
    """Evaluated arguments. Not `complete`: a `*args` or `**kwargs` hid some."""

    positional: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict[str, Value])
    complete: bool = True


NONE = Const(None)


def const(value: Value) -> object:
    """The literal that a value is, `...` (Ellipsis) when it is none or not known."""
    return value.value if isinstance(value, Const) else ...


def integer(value: Value) -> int | None:
    if type(value) is Const:
        return value.value if type(value.value) is int else None
    return value.dim.constant if type(value) is Size else None


def dim_of(value: Value) -> Dim | None:
    """The size that a value is."""
    if type(value) is Const:
        return Dim.of(value.value) if type(value.value) is int else None
    return value.dim if type(value) is Size else None


def size(dim: Dim) -> Value:
    number = dim.constant
    return Size(dim) if number is None else Const(number)


def items_of(value: Value) -> tuple[Value, ...] | None:
    """The elements of a tuple or list."""
    match value:
        case Fixed(items=items):
            return items
        case Listing(cell=cell):
            found = cell.get("items")
            return found if isinstance(found, tuple) else None  # pyright: ignore[reportUnknownVariableType]
        case _:
            return None


def entries_of(value: Value) -> dict[object, Value] | None:
    if not isinstance(value, Mapped):
        return None
    found = value.cell.get("items")
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]
