"""From two raw slices to two bodies: dead code out, reads of static variables resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from ....ir.nodes import (
    Assign,
    Attribute,
    Expression,
    For,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Return,
    Statement,
    While,
    map_children,
    replace_node,
)
from ..frame import Frame
from ..nodes import BuilderCall, LoopCode, Optional, Pending, StaticRead
from ..sites import Site
from .bodies import as_statement
from .copies import without_copies
from .joined_loops import with_joined_loops
from .live_code import live_statements, reads_of_call
from .tidying import tidy, without_returns


@dataclass(slots=True, eq=False)
class Finished:
    """The two bodies, and the static variables that the object keeps."""

    init: list[Statement]
    body: list[Statement]
    stored: list[str] = field(default_factory=list[str])


def finish(frame: Frame, extra_reads: set[str] | None = None) -> Finished:
    """Resolves both slices of a split frame."""
    from .assigned import begins_again
    from .dead_stores import without_dead_stores
    from .module_loops import with_module_loops

    def call_reads(body: list[Statement]) -> set[str]:
        reads, recomputed = reads_of_call(frame, body)
        return reads.names | recomputed

    init = [fill(frame, s) for s in frame.init]
    body = with_module_loops(without_dead_stores(frame.body, set()), call_reads)
    reads, recomputed = reads_of_call(frame, body)
    body = live_statements(body, reads.names | recomputed, wrapped=True)
    # Loops over modules need less than the loops they replace.
    body = with_joined_loops(body, None)
    reads, recomputed = reads_of_call(frame, body)
    body = live_statements(body, reads.names | recomputed)
    stored = sorted(reads.static - recomputed, key=lambda n: reads.order.get(n, 0))
    body = [_resolve(s, set(stored)) for s in body]
    kept = set(stored) | (extra_reads or set())
    init = live_statements(without_dead_stores(init, kept), None, kept)
    once = _built_once(frame, init)
    if once is not None:
        init = live_statements(
            without_dead_stores([fill(frame, s) for s in once], kept), None, kept
        )
    kept_first, read_back = begins_again(frame, body, recomputed)
    init = [*kept_first, *without_returns(tidy(init, True))]
    return Finished(init, [*read_back, *tidy(without_copies(body), True)], stored)


def _built_once(frame: Frame, init: list[Statement]) -> list[Statement] | None:
    """The constructor where each layer that has a variable of its own there becomes an attribute by
    that name; None if there is no such layer."""
    kept = {t.id for s in init if isinstance(s, Assign) for t in s.targets if isinstance(t, Name)}
    named: dict[Site, str] = {}
    for statement in frame.init:
        match statement:
            case Optional(statement=Assign(targets=(Name(id=name),), value=Pending(site=site))):
                if site.emitted and name in kept:
                    named[site] = name
            case _:
                pass

    def visit(node: Node) -> Node:
        match node:
            case Assign(targets=(Attribute(),), value=Pending(site=site)) if site in named:
                return replace_node(node, value=Name(named[site]))
            case Optional(statement=inner, defines=defines):
                return Optional(as_statement(visit(inner)), defines)
            case _:
                return map_children(node, visit)

    return [as_statement(visit(s)) for s in frame.init] if named else None


def fill(frame: Frame, node: Statement) -> Statement:
    """Constructor calls, and calls of functions that make modules, in place of `Pending`."""
    from ..function_definitions.builders import call_code

    def visit(inner: Node) -> Node:
        if isinstance(inner, Pending):
            construct = inner.site.details.get("construct")
            if isinstance(construct, Expression):
                return visit(construct)
            return inner
        if isinstance(inner, BuilderCall):
            return visit(call_code(frame.program, frame, inner.made))
        if isinstance(inner, Optional):
            return Optional(as_statement(visit(inner.statement)), inner.defines)
        new = map_children(inner, visit)
        match inner, new:
            case Assign(value=Pending()), Assign(
                targets=(Name(id=name),), value=Lambda(parameters=parameters, body=body)
            ):
                # A function that builds a layer of a list, under the name of the layer.
                return FunctionDef(name, parameters, (Return(body),))
            case _:
                return new

    return as_statement(visit(node))


def _resolve(statement: Statement, stored: set[str]) -> Statement:
    def visit(node: Node) -> Node:
        match node:
            case StaticRead(name=name):
                if name in stored:
                    return Attribute(Name("self"), name)
                return Name(name, span=node.span)
            case LoopCode(statement=inner, loop=loop):
                new = visit(inner)
                assert isinstance(new, (For, While))
                return LoopCode(new, loop, span=node.span)
            case _:
                return map_children(node, visit)

    return as_statement(visit(statement))
