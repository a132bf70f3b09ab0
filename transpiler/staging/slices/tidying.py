"""Bodies without what became empty."""

from __future__ import annotations

from ....ir.nodes import (
    Expression,
    For,
    If,
    Pass,
    Return,
    Statement,
    Unary,
    While,
    With,
    replace_node,
)
from .bodies import map_bodies


def without_returns(body: list[Statement]) -> list[Statement]:
    """`if c: return` with code after it is `if not c:` around that code: what the object keeps is
    stored at the end."""
    for index, statement in enumerate(body):
        match statement:
            case Return():
                return body[:index]
            case If(then=then, otherwise=otherwise):
                rest = body[index + 1 :]
                leaves = [bool(b) and isinstance(b[-1], Return) for b in (then, otherwise)]
                if not any(leaves):
                    continue
                new_then = list(then[:-1]) if leaves[0] else [*then, *rest]
                new_else = list(otherwise[:-1]) if leaves[1] else [*otherwise, *rest]
                joined = replace_node(
                    statement,
                    then=tuple(without_returns(new_then)),
                    otherwise=tuple(without_returns(new_else)),
                )
                return [*body[:index], *tidy([joined], False)]
            case _:
                continue
    return body


def tidy(body: list[Statement], top: bool) -> list[Statement]:
    """Blocks that have become empty go; an `if` with only an `else` is turned round; a trailing
    bare return goes."""
    result: list[Statement] = []
    for statement in body:
        new = map_bodies(statement, lambda inner: tidy(inner, False))
        match new:
            case If(then=(), otherwise=()) | For(body=()) | While(body=()):
                continue
            case If(test=test, then=(), otherwise=otherwise):
                new = If(_negated(test), otherwise, (), comments=new.comments)
            case With(body=()):
                new = replace_node(new, body=(Pass(),))
            case _:
                pass
        result.append(new)
    if top:
        while result and isinstance(result[-1], Return) and result[-1].value is None:
            result.pop()
    return result


def _negated(test: Expression) -> Expression:
    from ....ir.nodes import Compare

    opposite = {
        "==": "!=",
        "!=": "==",
        "is": "is not",
        "is not": "is",
        "in": "not in",
        "not in": "in",
    }
    opposite |= {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}
    match test:
        case Unary(operator="not", operand=operand):
            return operand
        case Compare(left=left, operators=(operator,), comparators=comparators) if (
            operator in opposite
        ):
            return Compare(left, (opposite[operator],), comparators)
        case _:
            return Unary("not", test)
