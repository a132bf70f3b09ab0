"""The IR: a structured tree of classes, functions, statements and expressions.

Control flow stays control flow, so that the output reads like the input. Nodes compare by identity:
side tables (types,
binding times) are keyed by node. A rewrite builds new nodes and keeps untouched children, which is
how the emitter knows
what it may copy verbatim from the source: every node that came from text carries its `span` and
keeps it only while its
own shape is unchanged.

Three nodes refer to things by resolved identity instead of by spelling:

* `Symbol`     an API object (`keras.layers.Dense`, `tf.float32`, or, after rewriting,
`jax.numpy.sum`);
* `Reference`  a top-level definition of the project (function, class or constant), in this module
or another;
* `OpCall`     a call of an API function or class, its arguments bound by parameter name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from .span import Span

N = TypeVar("N", bound="Node")


@dataclass(slots=True, eq=False)
class Node:
    """Any IR node. `span` is the source text it was lowered from; None for nodes made by the
    compiler."""

    span: Span | None = field(default=None, kw_only=True, repr=False)


# ----------------------------------------------------------------------------------------------
# expressions


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


# -----------------------------------------------------------------------------------------------
# statements


@dataclass(slots=True, eq=False)
class Statement(Node):
    """`comments` are own-line comments that a pass puts above the statement (without "# ")."""

    comments: tuple[str, ...] = field(default=(), kw_only=True)


Body = tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class Assign(Statement):
    """`targets[0] = targets[1] = ... = value`."""

    targets: tuple[Expression, ...]
    value: Expression


@dataclass(slots=True, eq=False)
class AnnotatedAssign(Statement):
    target: Expression
    annotation: Expression
    value: Expression | None


@dataclass(slots=True, eq=False)
class AugmentedAssign(Statement):
    """`operator` is the binary operator: "+" for `+=`."""

    target: Expression
    operator: str
    value: Expression


@dataclass(slots=True, eq=False)
class ExpressionStatement(Statement):
    value: Expression


@dataclass(slots=True, eq=False)
class Return(Statement):
    value: Expression | None


@dataclass(slots=True, eq=False)
class If(Statement):
    """`otherwise` holding one `If` that was written `elif` prints as `elif`."""

    test: Expression
    then: Body
    otherwise: Body


@dataclass(slots=True, eq=False)
class For(Statement):
    target: Expression
    iterable: Expression
    body: Body
    otherwise: Body
    is_async: bool = False


@dataclass(slots=True, eq=False)
class While(Statement):
    test: Expression
    body: Body
    otherwise: Body


@dataclass(slots=True, eq=False)
class WithItem(Node):
    context: Expression
    target: Expression | None


@dataclass(slots=True, eq=False)
class With(Statement):
    items: tuple[WithItem, ...]
    body: Body
    is_async: bool = False


@dataclass(slots=True, eq=False)
class Handler(Node):
    type: Expression | None
    name: str | None
    body: Body


@dataclass(slots=True, eq=False)
class Try(Statement):
    body: Body
    handlers: tuple[Handler, ...]
    otherwise: Body
    final: Body


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """`kind`: "positional_only", "positional", "varargs", "keyword_only" or "kwargs"."""

    name: str
    kind: str = "positional"
    default: Expression | None = None
    annotation: Expression | None = None


@dataclass(slots=True, eq=False)
class FunctionDef(Statement):
    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    decorators: tuple[Expression, ...] = ()
    returns: Expression | None = None
    is_async: bool = False


@dataclass(slots=True, eq=False)
class ClassDef(Statement):
    name: str
    bases: tuple[Argument, ...]
    body: Body
    decorators: tuple[Expression, ...] = ()


@dataclass(slots=True, eq=False)
class ImportAlias(Node):
    """`name as alias`. For `import a.b` the name is "a.b"."""

    name: str
    alias: str | None


@dataclass(slots=True, eq=False)
class Import(Statement):
    """`import names...`, or `from module import names...` with `level` leading dots (module "" for
    `from . import`)."""

    module: str | None
    names: tuple[ImportAlias, ...]
    level: int = 0


@dataclass(slots=True, eq=False)
class Raise(Statement):
    exception: Expression | None
    cause: Expression | None


@dataclass(slots=True, eq=False)
class Assert(Statement):
    test: Expression
    message: Expression | None


@dataclass(slots=True, eq=False)
class Delete(Statement):
    targets: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Scope(Statement):
    """`global` or `nonlocal`."""

    kind: str
    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Pass(Statement):
    pass


@dataclass(slots=True, eq=False)
class Break(Statement):
    pass


@dataclass(slots=True, eq=False)
class Continue(Statement):
    pass


@dataclass(slots=True, eq=False)
class OpaqueStatement(Statement):
    """Python the compiler copies without looking inside (match, type aliases): its text and the
    expressions inside it."""

    text: str
    inner: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Module(Node):
    """One source file. `name` is its dotted module name, `path` its relative path with "/"
    separators."""

    name: str
    path: str
    body: Body
    docstring: str | None = None
    _kind: ClassVar[str] = "module"


# ------------------------------------------------------------------------------------------------
# traversal

_FIELDS: dict[type[Node], tuple[str, ...]] = {}


def field_names(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a node class that belong to the tree (all but `span` and `comments`), in
    order."""
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(f.name for f in fields(kind) if f.name not in ("span", "comments"))
        _FIELDS[kind] = names
    return names


def children(node: Node) -> Iterator[Node]:
    """Direct child nodes, in source order for nodes that came from source."""
    for name in field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, Node):
                    yield item
        elif isinstance(value, dict):
            for item in value.values():  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


def replace_node(node: N, **changes: Any) -> N:
    """A copy of the node with fields changed. The span stays: pass `span=None` to give up the
    source text."""
    values = {name: getattr(node, name) for name in field_names(type(node))}
    values["span"] = node.span
    if isinstance(node, Statement):
        values["comments"] = node.comments
    return type(node)(**(values | changes))


def map_children(node: N, function: Callable[[Node], Any]) -> N:
    """Rebuild the node with `function` applied to each child; the same object when no child
    changed.

    For a child that sits in a tuple, `function` may return None (removed) or a list of nodes
    (spliced in).
    """
    changes: dict[str, Any] = {}
    for name in field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            new = function(value)
            if new is not value:
                changes[name] = new
        elif isinstance(value, tuple):
            items: list[Any] = []
            changed = False
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                new = function(item) if isinstance(item, Node) else item  # pyright: ignore[reportUnknownVariableType]
                changed = changed or new is not item
                if isinstance(new, list):
                    items.extend(new)  # pyright: ignore[reportUnknownArgumentType]
                elif new is not None or item is None:
                    items.append(new)
            if changed:
                changes[name] = tuple(items)
        elif isinstance(value, dict):
            table: dict[str, Any] = {k: function(v) for k, v in value.items()}  # pyright: ignore
            if any(table[k] is not value[k] for k in table):
                changes[name] = table
    return replace_node(node, **changes) if changes else node
