"""Structural equality: nodes themselves compare by identity."""

from __future__ import annotations

from typing import Any, cast

from .nodes import Node
from .schema import schema


def same(a: Any, b: Any, *, spans: bool = False) -> bool:
    """Whether two trees have the same shape and values; with `spans`, the same places as well.

    Values of different type differ (`1` and `True`, `0.0` and `-0.0`).
    """
    stack: list[tuple[Any, Any]] = [(a, b)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, Node):
            if spans and one.span != other.span:
                return False
            for field in schema(type(one)):
                stack.append((getattr(one, field.name), getattr(other, field.name)))
        elif isinstance(one, tuple):
            left, right = cast("tuple[Any, ...]", one), cast("tuple[Any, ...]", other)
            if len(left) != len(right):
                return False
            stack.extend(zip(left, right, strict=True))
        elif isinstance(one, dict):
            first, second = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
            if list(first) != list(second):
                return False
            stack.extend(zip(first.values(), second.values(), strict=True))
        elif repr(one) != repr(other):
            return False
    return True
