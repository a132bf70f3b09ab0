"""Bodies without copies of variables that staging made names for."""

from __future__ import annotations

from ....ir.nodes import Assign, Name, Statement, replace_node, walk


def without_copies(body: list[Statement]) -> list[Statement]:
    """`x = x` goes; `features = f(y)`, `x = features` is `x = f(y)` where nothing else reads the
    first, which no source names."""
    result: list[Statement] = []
    for index, statement in enumerate(body):
        match statement:
            case Assign(targets=(Name(id=target),), value=Name(id=value)) if target == value:
                continue
            case Assign(targets=(Name(),) as targets, value=Name(id=value)) if result:
                last = result[-1]
                if _makes(last, value) and not _reads(body[index + 1 :], value):
                    assert isinstance(last, Assign)
                    comments = (*last.comments, *statement.comments)
                    result[-1] = replace_node(last, targets=targets, comments=comments)
                    continue
            case _:
                pass
        result.append(statement)
    return result


def _makes(statement: Statement, name: str) -> bool:
    match statement:
        case Assign(targets=(Name(id=target),), span=None):
            return target == name
        case _:
            return False


def _reads(body: list[Statement], name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for s in body for n in walk(s))
