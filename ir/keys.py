"""Structural keys: two expressions with equal keys are the same code."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

from .nodes import Constant, Node, field_names


def key(node: Node) -> Hashable:
    """A hashable key of the tree's shape and content; spans do not count."""
    if isinstance(node, Constant):
        return ("Constant", type(node.value).__name__, repr(node.value))
    return (type(node).__name__, *(_part(getattr(node, name)) for name in field_names(type(node))))


def _part(value: object) -> Hashable:
    match value:
        case Node():
            return key(value)
        case tuple():
            return tuple(_part(item) for item in cast(tuple[object, ...], value))
        case dict():
            return tuple((name, _part(item)) for name, item in value.items())  # pyright: ignore
        case _:
            return value  # pyright: ignore[reportReturnType]


def same(left: Node | None, right: Node | None) -> bool:
    """Whether two trees are equal up to spans."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    return key(left) == key(right)
