"""`while i < n: ...; i += 1` counts: as a loop over a range it has a gradient."""

from __future__ import annotations

from ...ir.nodes import (
    Argument,
    Assign,
    AugmentedAssign,
    Binary,
    Compare,
    Constant,
    For,
    Name,
    Statement,
    While,
)
from ..staging.nodes import OnData
from .jumps import has_jump
from .liveness import assigned, reads
from .scope import call


def as_counted(loop: While) -> list[Statement] | None:
    """The loop over a range, and the value that the counter has after it; None for any other."""
    if not isinstance(loop.test, OnData) or loop.otherwise or has_jump(loop.body):
        return None
    match loop.test.value:
        case Compare(left=Name(id=counter), operators=("<",), comparators=(limit,)):
            pass
        case _:
            return None
    *body, last = loop.body
    if not body or not _counts(last, counter) or counter in assigned(body):
        return None
    if reads(limit) & {*assigned(body), counter}:
        return None
    bounds = (Argument(Name(counter)), Argument(limit))
    values = call("jax.numpy.arange", Name(counter), limit)
    made = For(Name(counter), OnData(values, bounds), tuple(body), (), span=loop.span)
    made.comments = loop.comments
    end = call("jax.numpy.maximum", Name(counter), limit)
    return [made, Assign((Name(counter),), end)]


def _counts(statement: Statement, counter: str) -> bool:
    match statement:
        case AugmentedAssign(target=Name(id=name), operator="+", value=Constant(value=1)):
            return name == counter
        case Assign(
            targets=(Name(id=name),),
            value=Binary(operator="+", left=Name(id=left), right=Constant(value=1)),
        ):
            return name == counter == left
        case _:
            return False
