"""`layer.trainable = False`: what is trained is the optimizer's choice in Flax, so it is reported
where it stood."""

from __future__ import annotations

from ....ir.nodes import (
    Assign,
    Attribute,
    Constant,
    Expression,
    For,
    If,
    Name,
    Pass,
    Statement,
    walk,
)
from ..frame import Frame

CODE = "TJ6020"
HINT = (
    "pass a filter to the optimizer: nnx.Optimizer(model, tx, wrt=nnx.All(nnx.Param, "
    "nnx.Not(nnx.PathContains('{name}'))))"
)


def drops(frame: Frame, statement: Statement) -> bool:
    """Whether the statement only says what is trained; it is then reported and dropped."""
    if not _only_freezes(statement):
        return False
    owner = _owner(statement)
    frozen = not _sets_true(statement)
    if frozen:
        message = f"`{owner}` is frozen in Keras; here all parameters are trained"
        frame.program.note(frame, CODE, message, statement.span, HINT.format(name=owner))
    frame.program.translated(
        frame, statement.span, "trainable", "dropped", "the optimizer chooses what it trains"
    )
    return True


def _only_freezes(statement: Statement) -> bool:
    match statement:
        case Assign(targets=targets):
            return all(isinstance(t, Attribute) and t.attribute == "trainable" for t in targets)
        case For(iterable=iterable, body=body, otherwise=()):
            parts = [n for n in walk(iterable) if isinstance(n, Attribute)]
            of_layers = any(n.attribute == "layers" for n in parts)
            return of_layers and bool(body) and all(map(_only_freezes, body))
        case If(then=then, otherwise=otherwise):
            parts = (*then, *otherwise)
            return bool(then) and all(isinstance(s, Pass) or _only_freezes(s) for s in parts)
        case _:
            return False


def _owner(statement: Statement) -> str:
    iterable: Expression | None = statement.iterable if isinstance(statement, For) else None
    for node in walk(iterable if iterable is not None else statement):
        match node:
            case Attribute(value=Name(id=name), attribute="trainable" | "layers"):
                return name
            case Attribute(value=Attribute(attribute=name), attribute="trainable" | "layers"):
                return name
            case _:
                pass
    return "a layer"


def _sets_true(statement: Statement) -> bool:
    values = [n.value for n in walk(statement) if isinstance(n, Assign)]
    return all(isinstance(v, Constant) and v.value is True for v in values)
