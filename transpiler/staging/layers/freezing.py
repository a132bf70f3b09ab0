"""`layer.trainable = False`: what is trained is the optimizer's choice in Flax, so it is reported
where it stood. Normalizations of batches that are frozen compute as in inference, which stays."""

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
from ..evaluation.expressions import evaluate
from ..frame import Frame
from ..sites import LayerTarget, Site
from ..values import Instance

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
    followed = _follow(frame, statement)
    if frozen:
        message = f"`{owner}` is frozen in Keras; here all parameters are trained"
        if not followed:
            message += ", and normalizations in it take the mode of the model"
        frame.program.note(frame, CODE, message, statement.span, HINT.format(name=owner))
    frame.program.translated(
        frame, statement.span, "trainable", "dropped", "the optimizer chooses what it trains"
    )
    return True


def is_frozen(site: Site) -> bool:
    """Whether a layer or model is frozen, by itself or where it is made."""
    target = site.target
    given = target.static.bound.get("trainable") if isinstance(target, LayerTarget) else None
    made = isinstance(given, Constant) and given.value is False
    return bool(site.details.get("frozen", made))


def _follow(frame: Frame, statement: Statement) -> bool:
    """Marks the layers and models that an assignment freezes; False where they are not known."""
    match statement:
        case Assign(targets=targets, value=Constant(value=bool() as trained)):
            owners = [t.value for t in targets if isinstance(t, Attribute)]
            found = [evaluate(frame, owner).value for owner in owners]
            for value in found:
                if isinstance(value, Instance):
                    value.site.details["frozen"] = not trained
            return all(isinstance(value, Instance) for value in found)
        case _:
            return False


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
