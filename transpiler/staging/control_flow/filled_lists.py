"""Lists of tensors that a loop over modules fills: `found.append(layer(x))`.

In a method the constructor has no list of sizes beside such a list. Where all the tensors have one
size, the sizes are that one, as often as there are modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Break,
    Call,
    Continue,
    Expression,
    ExpressionStatement,
    For,
    List,
    Name,
    Return,
    Statement,
    Subscript,
    Try,
    walk,
)
from ...shapes.shapes import said
from ..evaluation.expressions import evaluate
from ..frame import Frame
from ..values import Choice, Instance, Sequence, Several, Tensor, Value
from .targets import defined_names

_LEAVES = (Break, Continue, Return, Try)


def filled_lists(frame: Frame, loop: For, before: Mapping[str, Value]) -> list[str]:
    """The empty lists to which each iteration appends once, and with which it does nothing else."""
    if frame.kind != "call" or any(isinstance(n, _LEAVES) for s in loop.body for n in walk(s)):
        return []
    mentioned = [n.id for s in loop.body for n in walk(s) if isinstance(n, Name)]
    names = [name for statement in loop.body if (name := _appended(statement)) is not None]
    return [n for n in names if mentioned.count(n) == 1 and _is_empty(before.get(n))]


def with_sizes(frame: Frame, loop: For, value: Value) -> Value:
    """What such a list holds after the loop."""
    if not isinstance(value, Sequence) or not isinstance(value.item, Tensor):
        return value
    size, count = said(value.item.shape.size(-1)), _count(frame, loop.iterable)
    code = None if size is None else size.to_expression()
    if code is None or _changes(code, loop):
        return replace(value, item=Tensor(value.item.shape.with_last(None), value.item.dtype))
    if count is None:
        return value
    return replace(value, shadow=Binary("*", List((code,)), count))


def _appended(statement: Statement) -> str | None:
    match statement:
        case ExpressionStatement(
            value=Call(function=Attribute(value=Name(id=name), attribute="append"), arguments=(_,))
        ):
            return name
        case _:
            return None


def _is_empty(value: Value | None) -> bool:
    return isinstance(value, Sequence) and value.kind == "list" and value.items == ()


def _changes(code: Expression, loop: For) -> bool:
    """Whether a size may be another one in each iteration."""
    assigned = [t for s in loop.body for n in walk(s) for t in getattr(n, "targets", ())]
    names = {"features", *defined_names((loop.target, *assigned))}
    return any(
        isinstance(n, Subscript) or (isinstance(n, Name) and n.id in names) for n in walk(code)
    )


def _count(frame: Frame, iterable: Expression) -> Expression | None:
    """Code of the constructor for the number of iterations."""
    match iterable:
        case Call(function=Name(id="enumerate" | "reversed" | "list"), arguments=(first, *_)):
            return _count(frame, first.value)
        case Call(function=Name(id="range"), arguments=(count,)):
            return evaluate(frame, count.value).static
        case Attribute(value=Name(id=owner)) if owner == frame.self_name:
            value = evaluate(frame, iterable).value
            held = value if isinstance(value, Sequence) else Sequence("list", (value,))
            parts = [v for v in (*(held.items or ()), held.item) if v is not None]
            modules = all(isinstance(v, Instance | Several | Choice) for v in parts)
            return Call(Name("len"), (Argument(iterable),)) if modules else None
        case _:
            return None
