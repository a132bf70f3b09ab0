"""What each definition of the project becomes, and what its users must know about that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ...ir.nodes import ClassDef, FunctionDef, Name, Parameter, Statement
from .values import Static, Value

if TYPE_CHECKING:
    from ...ir.nodes import Argument
    from .frame import Result

Path = tuple[int | str, ...]
PlanKind = Literal["class", "factory", "builder", "maker", "chooser", "plain", "layer"]


Bound = dict[str, "tuple[Argument, Result]"]


@dataclass(slots=True, eq=False)
class Definition:
    """A function or class of the project: a top-level one, or a local one that is lifted to the top
    level."""

    module: str
    name: str
    node: FunctionDef | ClassDef
    owner: str | None = None  # the top-level definition that a local one is lifted out of
    captured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SizeParameter:
    """A constructor parameter that carries a size of an input: of axis `axis` of tensor
    `tensor`, or of the tensor at `path` inside it. `optional`: some configurations need none."""

    name: str
    tensor: str
    axis: int | None  # None: the whole shape without the batch
    path: Path = ()
    optional: bool = False


@dataclass(slots=True, eq=False)
class Plan:
    """`kind`:

    "class"    a function that builds layers and applies them: a module class, called where the
    function was; "factory"  a function that returns such a function: a module class, built where
    the factory was called; "layer"    a Keras layer or model class, or a tf.Module: a module class;
    "builder"  a function that returns a module: a function with `rngs`; "maker"    a function that
    returns a builder; "plain"    any other function.

    `parameters` are those of the constructor that come from the source (without sizes and rngs),
    `tensors` those of `__call__`. `result` is the value of a call, in terms of both.
    """

    definition: Definition
    kind: PlanKind
    name: str
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    tensors: list[Parameter] = field(default_factory=list[Parameter])
    sequences: set[str] = field(default_factory=set[str])
    sizes: list[SizeParameter] = field(default_factory=list[SizeParameter])
    dropped: set[str] = field(default_factory=set[str])
    specialised: set[str] = field(default_factory=set[str])
    result: Value = field(default_factory=Static)
    output: list[Statement] = field(default_factory=list[Statement])
    needs_rngs: bool = False
    modes: set[str] = field(default_factory=set[str])
    exports_size: bool = False
    escapes: bool = False
    finished: bool = False
    graph_inputs: list[str] = field(default_factory=list[str])
    details: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def is_module(self) -> bool:
        return self.kind in ("class", "factory", "layer")

    def size_name(self, tensor: str) -> str:
        """The constructor parameter for the last size of an input."""
        required = [t for t in self.tensors if t.default is None] or self.tensors
        single = len(required) == 1 and required[0].name == tensor
        return "in_features" if single else f"{tensor}_features"

    def shape_name(self, tensor: str) -> str:
        """The constructor parameter for the whole shape of an input, without the batch."""
        return "in_shape" if self.size_name(tensor) == "in_features" else f"{tensor}_shape"

    def reference(self) -> Name:
        return Name(self.name)
