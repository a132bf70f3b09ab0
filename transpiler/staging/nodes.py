"""Nodes that live only inside staging: places to be filled once the whole definition has been
seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...ir.nodes import Argument, Expression, For, Statement, While

if TYPE_CHECKING:
    from .function_definitions.builders import BuilderUse
    from .sites import Loop, Site


@dataclass(slots=True, eq=False)
class StaticRead(Expression):
    """Call-time use of a variable of the static slice. Becomes `self.<name>`, or a local that is
    computed again."""

    name: str
    clock: int = 0


@dataclass(slots=True, eq=False)
class Pending(Expression):
    """The constructor call of a layer whose input sizes are not known yet."""

    site: Site


@dataclass(slots=True, eq=False)
class BuilderCall(Expression):
    """A call of a function or method that makes layers; its sizes are told where they are used."""

    made: BuilderUse


@dataclass(slots=True, eq=False)
class ModuleRead(Expression):
    """Call-time use of the module built at `site`."""

    site: Site


@dataclass(slots=True, eq=False)
class Optional(Statement):
    """A statement that is kept only if one of the names it defines is read by a statement that is
    kept."""

    statement: Statement
    defines: tuple[str, ...]


@dataclass(slots=True, eq=False)
class LoopCode(Statement):
    """The call-time half of a static loop."""

    statement: For | While
    loop: Loop


@dataclass(slots=True, eq=False)
class OnData(Expression):
    """A test or an iterable that is a tensor, inside a graph: `passes/` turns the statement around
    it into a function call, and removes the mark.

    `range`: the arguments of `tf.range`, for a loop over it. `fixed`: the number of iterations is
    known when the function is traced.
    """

    value: Expression
    range: tuple[Argument, ...] | None = None
    fixed: bool = False
