"""Comprehensions, over modules and over tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from ....ir.nodes import Comprehension, Expression, Generator, Node, replace_node
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import listed_layers
from ..sites import Loop
from ..values import Instance, Sequence, Static, Unknown, Value, is_dynamic
from . import several
from .indexed import counter
from .loop_targets import bind_target, element_value

Nodes = tuple[Node, ...]
N = TypeVar("N", Comprehension, Generator)


def comprehension(frame: Frame, node: Comprehension) -> Result:
    """One loop per clause; layers built inside belong to a list. Each part is evaluated once."""
    from ..evaluation import choices

    outer, saved = frame.environment, frame.loop
    frame.environment = dict(outer)
    alone = node.generators[0] if len(node.generators) == 1 and node.kind == "list" else None
    every = alone is not None and not alone.conditions
    index = counter(alone.target, alone.iterable) if every and alone is not None else None
    frame.loop = Loop(saved, frame.conditions, inline=True, index=index)
    found: dict[int, Result] = {}

    def part(code: Expression) -> Result:
        found[id(code)] = result = evaluate(frame, code)
        return result

    for generator in node.generators:
        iterable = part(generator.iterable)
        bind_target(frame, generator.target, element_value(frame, generator.iterable, iterable))
        for condition in generator.conditions:
            part(condition)
    inner = found[id(node.element)] = choices.as_one(frame, node.element, part(node.element))
    if node.value is not None:
        part(node.value)
    frame.loop = saved
    frame.environment = outer
    listed_layers.of_comprehension(frame, inner.value)
    dynamic = _rebuilt_comprehension(node, lambda code: found[id(code)].dynamic)
    static: Expression | None = None
    if all(r.static is r.dynamic for r in found.values()):
        static = dynamic
    elif all(r.static is not None for r in found.values()):
        static = _rebuilt_comprehension(node, lambda code: found[id(code)].static or code)
    value: Value = Static()
    items = None
    if every and alone is not None:
        items = several.iterations(frame, alone.iterable, node.element)
    if items is not None and alone is not None and several.is_alike(items):
        value = several.followed_elements(frame, items, alone.target, node.element)
    elif node.kind in ("list", "generator", "set"):
        if is_dynamic(inner.value) or isinstance(inner.value, Instance):
            value = Sequence("list", None, inner.value)
        elif node.kind == "list" and isinstance(inner.value, Static):
            value = Sequence("list", None, Static(None, inner.value.kind))
    elif any(is_dynamic(r.value) for r in found.values()):
        value = Unknown()
    return Result(value, dynamic, static)


def _rebuilt_comprehension(
    node: Comprehension, pick: Callable[[Expression], Expression]
) -> Comprehension:
    generators = tuple(
        _replaced(g, iterable=pick(g.iterable), conditions=tuple(pick(c) for c in g.conditions))
        for g in node.generators
    )
    value = pick(node.value) if node.value is not None else None
    return _replaced(node, element=pick(node.element), value=value, generators=generators)


def _replaced(node: N, **changes: object) -> N:
    """The same object when nothing differs."""
    same = all(_is_same(new, getattr(node, name)) for name, new in changes.items())
    return node if same else replace_node(node, **changes)


def _is_same(new: object, old: object) -> bool:
    if isinstance(new, tuple) and isinstance(old, tuple):
        return [*map(id, cast(Nodes, new))] == [*map(id, cast(Nodes, old))]
    return new is old
