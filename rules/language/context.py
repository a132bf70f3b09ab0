"""What the compile-time functions of templates are, and what they may ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...ir.nodes import Expression
from .facts import Facts, Known

Arguments = Sequence[Expression]


class Context(Protocol):
    """One application of a rule. Arguments of functions are template expressions, not yet
    substituted.
    """

    @property
    def facts(self) -> Facts: ...

    def known(self, e: Expression, /) -> Known | None:
        """The value of a template expression, if it is known."""
        ...

    def build(self, e: Expression, /) -> Expression:
        """The target expression of a template expression."""
        ...

    def source(self, e: Expression, /) -> Expression | None:
        """The source expression behind a metavariable: the argument, or the declared default."""
        ...

    def is_given(self, e: Expression, /) -> bool:
        """Whether the call passes the argument."""
        ...

    def size(self, name: str, /) -> Expression | None:
        """A size that the caller supplied: "D", "rank(x)", "dim(x, 1)"."""
        ...

    def activation(self, e: Expression, /) -> Expression: ...

    def initializer(self, e: Expression, /) -> Expression: ...

    def dtype(self, e: Expression, /) -> Expression: ...

    def layer(self, e: Expression, /) -> Expression: ...

    def refuse(self, code: str, message: str, /) -> Exception: ...


@dataclass(frozen=True, slots=True)
class Function:
    """`arity` is the least and the largest number of arguments."""

    name: str
    arity: tuple[int, int]
    doc: str
    known: Callable[[Context, Arguments], Known | None]
    build: Callable[[Context, Arguments], Expression] | None = None


Knower = Callable[[Context, Arguments], Known | None]
Builder = Callable[[Context, Arguments], Expression]


class Table(dict[str, Function]):
    """Functions by name."""

    def define(
        self,
        name: str,
        arity: tuple[int, int],
        doc: str,
        known: Knower,
        build: Builder | None = None,
    ) -> None:
        self[name] = Function(name, arity, doc, known, build)


def nothing(context: Context, arguments: Arguments) -> Known | None:
    """For functions whose value is never known."""
    return None
