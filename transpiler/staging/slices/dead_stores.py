"""Optional assignments that are overwritten, or never read again, on every way from there."""

from __future__ import annotations

from dataclasses import dataclass

from ....ir.nodes import (
    Assign,
    AugmentedAssign,
    Expression,
    FunctionDef,
    If,
    Lambda,
    Name,
    Node,
    Return,
    Statement,
    Tuple,
    replace_node,
    walk,
)
from ..control_flow.targets import defined_names
from ..nodes import Optional, StaticRead
from .bodies import nested
from .live_code import expressions_read


def without_dead_stores(body: list[Statement], read_after: set[str]) -> list[Statement]:
    """The body without them. `read_after` is read when the body is through.

    Variables of local functions and lambdas count as read everywhere: they see later values.
    """
    always = {n for s in body for n in _captured(s)}
    return _pruned(body, read_after | always, _Reads(read_after, always))[0]


@dataclass(frozen=True, slots=True)
class _Reads:
    """What is read where the code is left, and what is read at any time."""

    at_exit: set[str]
    always: set[str]


def _pruned(
    body: list[Statement], live: set[str], reads: _Reads
) -> tuple[list[Statement], set[str]]:
    """What is left of a block, and what is read from its start on."""
    result: list[Statement] = []
    for statement in reversed(body):
        match statement:
            case Optional(
                statement=(Assign(targets=(Name(id=name),)) | AugmentedAssign(target=Name(id=name)))
            ) if name not in live:
                continue
            case (
                Assign(targets=(Name() | Tuple() as target,))
                | Optional(statement=Assign(targets=(Name() | Tuple() as target,)))
            ):
                live = (live - _set(target)) | _read(statement) | reads.always
            case If(then=then, otherwise=otherwise):
                new_then, live_then = _pruned(list(then), live, reads)
                new_else, live_else = _pruned(list(otherwise), live, reads)
                if (len(new_then), len(new_else)) != (len(then), len(otherwise)):
                    statement = replace_node(
                        statement, then=tuple(new_then), otherwise=tuple(new_else)
                    )
                live = live_then | live_else | _own_reads(statement)
            case _:
                live = live | _read(statement)
                if any(isinstance(n, Return) for n in walk(statement)):
                    live = live | reads.at_exit
        result.append(statement)
    return result[::-1], live


def _set(target: Expression) -> set[str]:
    """The variables that an assignment gives new values."""
    match target:
        case Name(id=name):
            return {name}
        case Tuple(elements=elements):
            return {name for element in elements for name in _set(element)}
        case _:
            return set()


def _read(statement: Statement) -> set[str]:
    """Everything that a statement or what is nested in it may read; augmented targets, too."""
    found = _own_reads(statement)
    for inner in nested(statement):
        found |= _read(inner)
    return found


def _own_reads(statement: Statement) -> set[str]:
    found = {n for part in expressions_read(statement) for n in _names(part)}
    target = getattr(statement, "target", None)
    if isinstance(target, Expression):
        found |= set(defined_names((target,)))
    return found


def _names(node: Node) -> set[str]:
    found: set[str] = set()
    for inner in walk(node):
        match inner:
            case Name(id=name) | StaticRead(name=name):
                found.add(name)
            case _:
                pass
    return found


def _captured(statement: Statement) -> set[str]:
    return {
        name
        for node in walk(statement)
        if isinstance(node, (FunctionDef, Lambda))
        for name in _names(node)
    }
