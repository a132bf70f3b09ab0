"""`break` and `continue` that depend on data: they become flags and branches.

while test:                     done = False
    A                           while not done and test:
    if c:                           A
        break                       if c:
    B                                   done = True
                                    else:
                                        B
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.nodes import (
    Assign,
    Body,
    Break,
    Constant,
    Continue,
    Expression,
    For,
    FunctionDef,
    If,
    Name,
    Return,
    Statement,
    While,
    children,
    replace_node,
)
from ..staging.nodes import OnData
from .liveness import always_leaves
from .scope import Scope, call


def has_jump(body: Body, *, in_loop: bool = False) -> bool:
    """Whether a body leaves the loop around it, or this round of it."""
    for statement in body:
        match statement:
            case Return():
                return True
            case Break() | Continue():
                if not in_loop:
                    return True
            case FunctionDef():
                continue
            case _:
                inner = tuple(_statements(statement))
                inside = in_loop or isinstance(statement, (For, While))
                if has_jump(inner, in_loop=inside):
                    return True
    return False


def has_return(body: Body) -> bool:
    return any(
        isinstance(s, Return)
        or (not isinstance(s, FunctionDef) and has_return(tuple(_statements(s))))
        for s in body
    )


def _statements(statement: Statement) -> Iterator[Statement]:
    """Those right inside, with the bodies of exception handlers."""
    for child in children(statement):
        if isinstance(child, Statement):
            yield child
        else:
            yield from (c for c in children(child) if isinstance(c, Statement))


def jumps_on_data(body: Body) -> bool:
    """Whether a branch that depends on data leaves the loop that the body belongs to."""
    for statement in body:
        match statement:
            case If(test=OnData(), then=then, otherwise=otherwise) if has_jump((*then, *otherwise)):
                return True
            case If(then=then, otherwise=otherwise) if jumps_on_data((*then, *otherwise)):
                return True
            case _:
                pass
    return False


@dataclass(slots=True)
class _Lowering:
    scope: Scope
    flag: str | None = None

    def done(self) -> str:
        self.flag = self.flag or self.scope.fresh("done")
        return self.flag


def without_jumps(scope: Scope, loop: For | While) -> list[Statement]:
    """The loop with flags in place of its jumps, what must stand before it and what after it."""
    if has_return(loop.body):
        return [loop]
    marked = isinstance(_controls(loop), OnData)
    if not (has_jump(loop.body) if marked else jumps_on_data(loop.body)):
        return [loop]
    lowering = _Lowering(scope)
    body = tuple(_lowered(lowering, loop.body))
    if lowering.flag is None:
        return [replace_node(loop, body=body)]
    going_on: Expression = call("jax.numpy.logical_not", Name(lowering.flag))
    before: list[Statement] = [_set(lowering.flag, False)]
    new: Statement
    if isinstance(loop, For):
        new = replace_node(loop, body=(If(OnData(going_on), body, ()),))
    else:
        test = loop.test.value if isinstance(loop.test, OnData) else loop.test
        if not (isinstance(test, Constant) and test.value is True):
            going_on = call("jax.numpy.logical_and", going_on, test)
        new = replace_node(loop, test=OnData(going_on), body=body)
    return [*before, new]


def _controls(loop: For | While) -> Expression:
    return loop.iterable if isinstance(loop, For) else loop.test


def _set(name: str, value: bool) -> Statement:
    return Assign((Name(name),), Constant(value))


def _lowered(lowering: _Lowering, body: Body) -> list[Statement]:
    result: list[Statement] = []
    for index, statement in enumerate(body):
        rest = body[index + 1 :]
        match statement:
            case Continue():
                return result
            case Break():
                return [*result, _set(lowering.done(), True)]
            case If(then=then, otherwise=otherwise) if has_jump((*then, *otherwise)):
                return [*result, *_branch(lowering, statement, rest)]
            case For() | While():
                result += without_jumps(lowering.scope, statement)
            case _:
                result.append(statement)
    return result


def _branch(lowering: _Lowering, statement: If, rest: Body) -> list[Statement]:
    then, otherwise = statement.then, statement.otherwise
    if always_leaves(then):
        otherwise, rest = (*otherwise, *rest), ()
    elif always_leaves(otherwise):
        then, rest = (*then, *rest), ()
    new_then, new_otherwise = _lowered(lowering, then), _lowered(lowering, otherwise)
    new = replace_node(statement, then=tuple(new_then), otherwise=tuple(new_otherwise))
    if not rest:
        return [new]
    # Neither branch always jumps: the rest runs unless one of them did.
    going_on = call("jax.numpy.logical_not", Name(lowering.done()))
    return [new, If(OnData(going_on), tuple(_lowered(lowering, rest)), ())]
