"""What a rule file says, as data. Templates are IR expressions with two kinds of marked names:

* `Name("$x")`  a metavariable: a parameter, an input, a size, `$rngs`, `$self`, `$training`;
* `Name("@f")`  a compile-time function (`functions.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...ir.nodes import Constant, Expression, Name
from .errors import Place

Kind = Literal[
    "rule",
    "layer",
    "method",
    "attribute",
    "initializer",
    "activation",
    "regularizer",
    "constraint",
    "optimizer",
    "metric",
]
StatusKind = Literal["refuse", "drop", "keep", "pass"]
Flavour = Literal["keras2", "keras3"]


@dataclass(frozen=True, slots=True)
class ParameterType:
    """`Tensor[dtype, shape]`, `list[Tensor]`, `Fixed[values]`, `int` ...

    `shape` is None, a `Name("$S")` that stands for the whole shape, or a `Tuple` of size names and
    one `Starred`.
    """

    kind: str
    dtype: str | None = None
    shape: Expression | None = None
    values: tuple[Expression, ...] = ()
    element: ParameterType | None = None

    @property
    def is_tensor(self) -> bool:
        return self.kind == "Tensor" or (self.element is not None and self.element.is_tensor)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`default` is None for a required parameter."""

    name: str
    type: ParameterType
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """Another symbol with the same meaning. `renames` maps its parameter names to those of the
    rule;
    `defaults` are the defaults it has instead."""

    symbol: str
    renames: tuple[tuple[str, str], ...] = ()
    defaults: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One `to` or `call`, with its guard."""

    body: Expression
    guard: Expression | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """`when test else code`: refused unless the test is known to hold. `unless`: refused if it is
    known to hold.
    """

    kind: Literal["when", "unless"]
    test: Expression
    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class NoteClause:
    """A note to give with the translation; unconditionally, or when the guard may hold."""

    code: str
    message: str
    guard: Expression | None = None


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """`function(arguments)` over template expressions, and the dtype of the result.

    `dtype` is None (that of the first tensor), a `Name("$T")`, or a template. Function "pattern"
    has one argument, a
    tuple over the size names of the inputs; "any" says nothing.
    """

    function: str
    arguments: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()
    dtype: Expression | None = None


@dataclass(frozen=True, slots=True)
class WeightStep:
    """`transpose(1, 0)`: a step from the Keras array to the target array."""

    name: str
    arguments: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """`source -> target: steps if guard`; shapes are the texts in brackets, for documentation and
    checks.
    """

    source: str
    target: str
    source_shape: str | None = None
    target_shape: str | None = None
    steps: tuple[WeightStep, ...] = ()
    guard: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A record with `from`: a call, layer, method, attribute, initializer, activation or
    regularizer.
    """

    kind: Kind
    name: str
    symbol: str
    place: Place
    parameters: tuple[Parameter, ...] = ()
    doc: str | None = None
    aliases: tuple[Alias, ...] = ()
    named: tuple[str, ...] = ()
    flavour: Flavour | None = None
    inputs: tuple[Parameter, ...] = ()
    to: tuple[Choice, ...] = ()
    call: tuple[Choice, ...] = ()
    mode: str | None = None
    then: Expression | None = None
    weights: tuple[Weight, ...] = ()
    gives: ShapeRule | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    requirements: tuple[Requirement, ...] = ()
    notes: tuple[NoteClause, ...] = ()
    differs: tuple[tuple[str, str, str], ...] = ()
    attempts: tuple[tuple[str, str], ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    caveats: tuple[str, ...] = ()
    is_call: bool = True

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)

    def symbols(self) -> tuple[str, ...]:
        return (self.symbol, *(alias.symbol for alias in self.aliases))


@dataclass(frozen=True, slots=True)
class Value:
    """A constant, a dtype, or a function used as a value."""

    symbol: str
    body: Expression
    place: Place
    flavour: Flavour | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A symbol that no rule translates: refused, dropped (infrastructure), kept (host side), or
    left to a pass of the compiler, which look-ups do not see."""

    kind: StatusKind
    symbol: str
    reason: str
    place: Place
    hint: str | None = None
    flavour: Flavour | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """A string that names a symbol: `names activation "relu" => keras.activations.relu`."""

    kind: Kind
    text: str
    symbol: str
    place: Place


Record = Rule | Value | Status | Naming
NONE = Constant(None)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The records of one file, in order."""

    path: str
    records: tuple[Record, ...] = field(default=())


def variable(name: str) -> Name:
    return Name("$" + name)


def variable_name(e: Expression) -> str | None:
    """The metavariable that `e` is, else None."""
    return e.id[1:] if isinstance(e, Name) and e.id.startswith("$") else None


def function_name(e: Expression) -> str | None:
    """The compile-time function that `e` names, else None."""
    return e.id[1:] if isinstance(e, Name) and e.id.startswith("@") else None
