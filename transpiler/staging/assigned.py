"""Which variables a body of statements surely assigns."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.nodes import (
    AnnotatedAssign,
    Assign,
    AugmentedAssign,
    For,
    FunctionDef,
    If,
    Raise,
    Statement,
    Try,
    While,
    With,
)
from .assignment import defined_names


def surely_assigned(body: Sequence[Statement]) -> set[str]:
    """Variables that have a value at the end of a body, whichever branches it takes.

    Loops count as run: the source reads their variables as if they were.
    """
    found: set[str] = set()
    for statement in body:
        match statement:
            case Assign(targets=targets):
                found |= set(defined_names(targets))
            case AnnotatedAssign(target=target) | AugmentedAssign(target=target):
                found |= set(defined_names((target,)))
            case If(then=then, otherwise=otherwise):
                blocks = [b for b in (then, otherwise) if not (b and isinstance(b[-1], Raise))]
                sets = [surely_assigned(b) for b in blocks]
                found |= set[str].intersection(*sets) if sets else set()
            case With(body=inner) | For(body=inner) | While(body=inner):
                found |= surely_assigned(inner)
            case FunctionDef(name=name):
                found.add(name)
            case Try(final=final):
                found |= surely_assigned(final)
            case _:
                pass
    return found
