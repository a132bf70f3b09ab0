"""Loops of `__call__` that only run through the modules that `__init__` built in the same loops.

However many loops built them, and whatever those computed on the way: one loop over the list is
left when nothing else of the loops is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ....ir.nodes import (
    Break,
    Continue,
    For,
    FunctionDef,
    If,
    Name,
    Node,
    Return,
    Statement,
    Tuple,
    replace_node,
    walk,
)
from ..control_flow.targets import defined_names
from ..nodes import LoopCode, ModuleRead, Optional, StaticRead


@dataclass(frozen=True, slots=True)
class _Found:
    """A loop over modules, and the variables of the loops it replaces."""

    code: LoopCode
    dropped: frozenset[str]


def with_module_loops(
    body: list[Statement], live: Callable[[list[Statement]], set[str]]
) -> list[Statement]:
    """The body with such loops in place. `live` tells which variables a body reads."""
    found = {id(s): f for s in _loops(body) if (f := _module_loop(s)) is not None}
    while True:
        new = _replaced(body, found)
        needed = live(new)
        kept = {key: f for key, f in found.items() if not f.dropped & needed}
        if len(kept) == len(found):
            return new
        found = kept


def _loops(body: Iterable[Statement]) -> list[LoopCode]:
    """The outermost loops, also under tests."""
    result: list[LoopCode] = []
    for statement in body:
        match statement:
            case LoopCode():
                result.append(statement)
            case If(then=then, otherwise=otherwise):
                result += [*_loops(then), *_loops(otherwise)]
            case _:
                pass
    return result


def _replaced(body: Iterable[Statement], found: dict[int, _Found]) -> list[Statement]:
    result: list[Statement] = []
    for statement in body:
        match statement:
            case LoopCode() if id(statement) in found:
                result.append(found[id(statement)].code)
            case If(then=then, otherwise=otherwise) if found:
                new_then, new_else = _replaced(then, found), _replaced(otherwise, found)
                same = _same(new_then, then) and _same(new_else, otherwise)
                result.append(
                    statement
                    if same
                    else replace_node(statement, then=tuple(new_then), otherwise=tuple(new_else))
                )
            case _:
                result.append(statement)
    return result


def _same(new: list[Statement], old: tuple[Statement, ...]) -> bool:
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))


def _module_loop(statement: LoopCode) -> _Found | None:
    loops: list[LoopCode] = []
    dropped: set[str] = set()
    current: Statement = statement
    rest: tuple[Statement, ...] = ()
    while isinstance(current, LoopCode):
        inner = current.statement
        if not isinstance(inner, For) or inner.otherwise:
            return None
        loops.append(current)
        dropped |= set(defined_names((inner.target,)))
        rest = _stripped(inner.body, dropped)
        if len(rest) != 1:
            break
        current = rest[0]
    innermost = loops[-1]
    nodes = [n for s in rest for n in walk(s)]
    modules = [n for n in nodes if isinstance(n, ModuleRead)]
    made = [n for n in modules if n.site in innermost.loop.sites]
    if not made or not innermost.loop.direct:
        return None
    if any(n.site not in innermost.loop.sites for n in modules if n.site.loop is not None):
        return None
    if any(isinstance(n, (LoopCode, FunctionDef)) for n in nodes):
        return None
    if len(loops) > 1 and any(isinstance(n, (Break, Continue, Return)) for n in nodes):
        return None
    if _names(nodes) & dropped:
        return None
    loop = replace_node(statement.statement, target=Tuple(()), iterable=Tuple(()), body=rest)
    assert isinstance(loop, For)
    code = LoopCode(loop, innermost.loop, span=statement.span)
    return _Found(code, frozenset(dropped))


def _names(nodes: Iterable[Node]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        match node:
            case Name(id=name) | StaticRead(name=name):
                found.add(name)
            case _:
                pass
    return found


def _stripped(body: tuple[Statement, ...], dropped: set[str]) -> tuple[Statement, ...]:
    """The statements that must run; the variables of the others are added to `dropped`."""
    result: list[Statement] = []
    for statement in body:
        match statement:
            case Optional(defines=defines):
                dropped |= set(defines)
            case If(then=then, otherwise=otherwise):
                new_then, new_else = _stripped(then, dropped), _stripped(otherwise, dropped)
                if new_then or new_else:
                    result.append(replace_node(statement, then=new_then, otherwise=new_else))
            case _:
                result.append(statement)
    return tuple(result)
