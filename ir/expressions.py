"""Nodes for values: expressions, and the parts they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .base import Node


@dataclass(slots=True, eq=False)
class Expression(Node):
    pass


@dataclass(slots=True, eq=False)
class Constant(Expression):
    """A literal: None, bool, int, float, complex, str, bytes or Ellipsis."""

    value: Any


@dataclass(slots=True, eq=False)
class Name(Expression):
    """A Python name that is local, built in, or a global the project does not define."""

    id: str


@dataclass(slots=True, eq=False)
class Symbol(Expression):
    """A resolved API object by its canonical path."""

    path: str


@dataclass(slots=True, eq=False)
class Reference(Expression):
    """A top-level definition of the project: dotted module name and the name defined there."""

    module: str
    name: str


@dataclass(slots=True, eq=False)
class Attribute(Expression):
    value: Expression
    attribute: str


@dataclass(slots=True, eq=False)
class Subscript(Expression):
    value: Expression
    index: Expression


@dataclass(slots=True, eq=False)
class Slice(Expression):
    lower: Expression | None
    upper: Expression | None
    step: Expression | None


@dataclass(slots=True, eq=False)
class Argument(Node):
    """One argument as written. `keyword` is its name if it was given by name; `star` is "", "*" or
    "**"."""

    value: Expression
    keyword: str | None = None
    star: str = ""


@dataclass(slots=True, eq=False)
class Call(Expression):
    """A call of anything that is not a known API function or class."""

    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(slots=True, eq=False)
class OpCall(Expression):
    """A call of an API function or class.

    `bound[name]` is the value given to parameter `name`, in the order written. `function` keeps the
    spelling.
    `extra` holds what could not be bound (unknown keywords, `*args`, `**kwargs`, surplus
    positionals).
    """

    symbol: str
    bound: dict[str, Expression]
    extra: tuple[Argument, ...]
    function: Expression


@dataclass(slots=True, eq=False)
class Binary(Expression):
    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False)
class Unary(Expression):
    """`operator` is one of "-", "+", "~", "not"."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False)
class Boolean(Expression):
    """`operator` is "and" or "or"; two or more operands."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Compare(Expression):
    """A chain `left operators[0] comparators[0] operators[1] ...`; operators as in Python text
    ("==", "not in")."""

    left: Expression
    operators: tuple[str, ...]
    comparators: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Conditional(Expression):
    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True, eq=False)
class Tuple(Expression):
    elements: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class List(Expression):
    elements: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Set(Expression):
    elements: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Dict(Expression):
    """`keys[i]` is None for `**values[i]`."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Starred(Expression):
    value: Expression


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """`kind`: "positional_only", "positional", "varargs", "keyword_only" or "kwargs"."""

    name: str
    kind: str = "positional"
    default: Expression | None = None
    annotation: Expression | None = None


@dataclass(slots=True, eq=False)
class Lambda(Expression):
    parameters: tuple[Parameter, ...]
    body: Expression


@dataclass(slots=True, eq=False)
class Generator(Node):
    """One `for target in iterable if conditions...` clause of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Comprehension(Expression):
    """`kind` is "list", "set", "dict" or "generator"; `value` is the dict value, else None."""

    kind: str
    element: Expression
    value: Expression | None
    generators: tuple[Generator, ...]


@dataclass(slots=True, eq=False)
class FormattedString(Expression):
    """An f-string. `parts` are `Constant` strings and the interpolated expressions, in order.

    Printed verbatim while unchanged; when an interpolated expression changes the emitter rebuilds
    `formats[i]`
    (conversion and format spec text such as "!r:>10", "" for constants and plain values).
    """

    parts: tuple[Expression, ...]
    formats: tuple[str, ...]


@dataclass(slots=True, eq=False)
class NamedExpression(Expression):
    target: Expression
    value: Expression


@dataclass(slots=True, eq=False)
class OpaqueExpression(Expression):
    """Python the compiler does not look into (yield, await): its text, and the expressions inside
    it."""

    text: str
    inner: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Unhandled(Expression):
    """A place whose value no rule or pass could produce. Emitted as a call that raises
    NotImplementedError."""

    code: str
    message: str
    original: Expression
