"""Nodes for what is done: statements, the parts they are made of, and the module around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from .base import Node
from .expressions import Argument, Expression, Parameter


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
