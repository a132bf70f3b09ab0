"""Which variables code reads, and which optional statements stay for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ....ir.nodes import (
    AnnotatedAssign,
    Assign,
    AugmentedAssign,
    Expression,
    ExpressionStatement,
    For,
    If,
    Name,
    Node,
    Statement,
    Tuple,
    Unhandled,
    While,
    children,
    walk,
)
from ..frame import Frame
from ..nodes import LoopCode, Optional, StaticRead
from .bodies import map_bodies, nested


@dataclass(slots=True)
class Reads:
    names: set[str] = field(default_factory=set[str])
    static: set[str] = field(default_factory=set[str])
    first: dict[str, int] = field(default_factory=dict[str, int])
    order: dict[str, int] = field(default_factory=dict[str, int])


def expressions_read(statement: Statement) -> Iterator[Node]:
    """The parts of a statement, itself not entered into nested statements, that are read."""
    match statement:
        case ExpressionStatement(value=Unhandled()):
            return  # it raises
        case Assign(targets=targets, value=value):
            yield value
            for target in targets:
                yield from _target_reads(target)
        case AnnotatedAssign(target=target, value=value):
            if value is not None:
                yield value
            yield from _target_reads(target)
        case AugmentedAssign(target=target, value=value):
            yield value
            if not isinstance(target, Name):
                yield target
        case For(target=target, iterable=iterable):
            yield iterable
            yield from _target_reads(target)
        case _:
            for child in children(statement):
                if isinstance(child, Expression) or not isinstance(child, Statement):
                    yield child


def _target_reads(target: Expression) -> Iterator[Node]:
    match target:
        case Name():
            return
        case Tuple(elements=elements):
            for element in elements:
                yield from _target_reads(element)
        case _:
            yield target


def _collect(statement: Statement, live: set[str] | None, reads: Reads) -> None:
    """Reads of a statement and of what is nested in it; optional statements count only when
    live."""
    match statement:
        case Optional(statement=inner, defines=defines):
            if live is not None and live & set(defines):
                _collect(inner, live, reads)
            return
        case LoopCode(statement=inner):
            _collect(inner, live, reads)
            return
        case If() if live is not None and _is_dead(statement, live):
            return
        case _:
            pass
    for part in expressions_read(statement):
        for node in walk(part):
            match node:
                case StaticRead(name=name, clock=clock):
                    reads.static.add(name)
                    reads.first[name] = min(clock, reads.first.get(name, clock))
                    reads.order.setdefault(name, len(reads.order))
                case Name(id=name):
                    reads.names.add(name)
                case _:
                    pass
    for inner in nested(statement):
        _collect(inner, live, reads)


def _is_dead(statement: Statement, live: set[str]) -> bool:
    """Whether nothing of a statement will be kept: optional code that nobody reads, and tests
    around it."""
    match statement:
        case Optional(statement=inner, defines=defines):
            return not live & set(defines) or _is_dead(inner, live)
        case If(then=then, otherwise=otherwise):
            return all(_is_dead(s, live) for s in (*then, *otherwise))
        case _:
            return False


def reads_of_call(frame: Frame, body: list[Statement]) -> tuple[Reads, set[str]]:
    """What `__call__` reads, and which static variables it computes again instead of reading them
    from the object."""
    recomputed: set[str] = set()
    live: set[str] = set()
    while True:
        reads = Reads()
        for statement in body:
            _collect(statement, live, reads)
        again = {n for n in reads.static if _must_recompute(frame, n, reads.first.get(n, 0))}
        new = reads.names | again
        if new <= live and again <= recomputed:
            return reads, recomputed
        live |= new
        recomputed |= again


def _must_recompute(frame: Frame, name: str, first_read: int) -> bool:
    """A loop variable, or a variable that changes after it has been read, differs from its final
    value."""
    if name in frame.loop_targets or name in frame.assigned_in_loop:
        return True
    return first_read < frame.assigned_at.get(name, -1)


def live_statements(
    body: list[Statement],
    live: set[str] | None,
    roots: set[str] | None = None,
    *,
    wrapped: bool = False,
) -> list[Statement]:
    """Drops optional statements whose variables nobody reads. `live` None: found from the code and
    `roots`. `wrapped`: those that stay are still optional."""
    if live is None:
        live = set(roots or ())
        while True:
            reads = Reads()
            for statement in body:
                _collect(statement, live, reads)
            found = reads.names | reads.static
            if found <= live:
                break
            live |= found
    wanted = live

    def visit(statement: Statement) -> Statement | None:
        match statement:
            case Optional(statement=inner, defines=defines):
                kept = visit(inner) if wanted & set(defines) else None
                return kept if kept is None or not wrapped else Optional(kept, defines)
            case LoopCode(statement=inner, loop=loop):
                kept = visit(inner)
                assert isinstance(kept, (For, While))
                return LoopCode(kept, loop, span=statement.span)
            case _:
                return map_bodies(
                    statement, lambda inner: [s for s in map(visit, inner) if s is not None]
                )

    return [s for s in (visit(statement) for statement in body) if s is not None]
