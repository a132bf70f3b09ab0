"""Which variables a body of statements surely assigns."""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.nodes import (
    AnnotatedAssign,
    Assign,
    Attribute,
    AugmentedAssign,
    For,
    FunctionDef,
    If,
    Name,
    Raise,
    Statement,
    Try,
    While,
    With,
    walk,
)
from ..control_flow.targets import defined_names
from ..frame import Frame
from .bodies import nested
from .live_code import expressions_read


def read_first(body: Sequence[Statement], assigned: frozenset[str] = frozenset()) -> set[str]:
    """Variables that a body may read before it has assigned them."""
    found: set[str] = set()
    known = set(assigned)
    for statement in body:
        for part in expressions_read(statement):
            found |= {n.id for n in walk(part) if isinstance(n, Name)} - known
        inside = frozenset(known | _bound_by(statement))
        match statement:
            case If(then=then, otherwise=otherwise):
                found |= read_first(then, inside) | read_first(otherwise, inside)
            case _:
                found |= read_first(list(nested(statement)), inside)
        known |= surely_assigned([statement])
    return found


def _bound_by(statement: Statement) -> set[str]:
    """The variables that a compound statement itself gives to its body."""
    match statement:
        case For(target=target):
            return set(defined_names((target,)))
        case FunctionDef(parameters=parameters):
            return {p.name for p in parameters}
        case _:
            return set()


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


def begins_again(
    frame: Frame, body: Sequence[Statement], recomputed: set[str]
) -> tuple[list[Statement], list[Statement]]:
    """Arguments of the constructor that `__call__` changes again, as the constructor did: what was
    passed is kept first thing there, and read back first thing here."""
    parameters = frame.plan.parameters if frame.plan is not None else []
    wanted = read_first(body) & recomputed
    places = [
        (Attribute(Name(frame.self_name or "self"), p.name), Name(p.name))
        for p in parameters
        if p.name in wanted
    ]
    kept = [Assign((attribute,), name) for attribute, name in places]
    return list(kept), [Assign((name,), attribute) for attribute, name in places]
