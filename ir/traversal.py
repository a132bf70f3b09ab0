"""Walks over trees of nodes, and copies of nodes with changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, TypeVar

from .base import Node
from .statements import Statement

N = TypeVar("N", bound=Node)

_FIELDS: dict[type[Node], tuple[str, ...]] = {}
_INNER: dict[type[Node], tuple[str, ...]] = {}
_PLAIN = frozenset({"str", "int", "bool", "str | None", "tuple[str, ...]"})
"""Types of fields, as they are written, in which no node can be."""


def field_names(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a node class that belong to the tree (all but `span` and `comments`), in
    order."""
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(f.name for f in fields(kind) if f.name not in ("span", "comments"))
        _FIELDS[kind] = names
    return names


def _inner_names(kind: type[Node]) -> tuple[str, ...]:
    """Those of them that can hold nodes."""
    names = _INNER.get(kind)
    if names is None:
        own = set(field_names(kind))
        plain = {f.name for f in fields(kind) if str(f.type) in _PLAIN}
        names = tuple(f.name for f in fields(kind) if f.name in own - plain)
        _INNER[kind] = names
    return names


def children(node: Node) -> list[Node]:
    """Direct child nodes, in source order for nodes that came from source."""
    found: list[Node] = []
    kind = type(node)
    names = _INNER.get(kind)
    for name in _inner_names(kind) if names is None else names:
        value = getattr(node, name)
        if value is None:
            continue
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, Node):
                    found.append(item)
        elif isinstance(value, dict):
            for item in value.values():  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, Node):
                    found.append(item)
    return found


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    stack = [node]
    pop = stack.pop
    while stack:
        current = pop()
        yield current
        below = children(current)
        if below:
            below.reverse()
            stack += below


def replace_node(node: N, **changes: Any) -> N:
    """A copy of the node with fields changed. The span stays: pass `span=None` to give up the
    source text."""
    values = {name: getattr(node, name) for name in field_names(type(node))}
    values["span"] = node.span
    if isinstance(node, Statement):
        values["comments"] = node.comments
    return type(node)(**(values | changes))


def map_children(node: N, function: Callable[[Node], Any]) -> N:
    """Rebuild the node with `function` applied to each child; the same object when no child
    changed.

    For a child that sits in a tuple, `function` may return None (removed) or a list of nodes
    (spliced in).
    """
    changes: dict[str, Any] = {}
    for name in field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            new = function(value)
            if new is not value:
                changes[name] = new
        elif isinstance(value, tuple):
            items: list[Any] = []
            changed = False
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                new = function(item) if isinstance(item, Node) else item  # pyright: ignore[reportUnknownVariableType]
                changed = changed or new is not item
                if isinstance(new, list):
                    items.extend(new)  # pyright: ignore[reportUnknownArgumentType]
                elif new is not None or item is None:
                    items.append(new)
            if changed:
                changes[name] = tuple(items)
        elif isinstance(value, dict):
            table: dict[str, Any] = {k: function(v) for k, v in value.items()}  # pyright: ignore
            if any(table[k] is not value[k] for k in table):
                changes[name] = table
    return replace_node(node, **changes) if changes else node
