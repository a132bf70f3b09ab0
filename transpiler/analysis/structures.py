"""Tuples, lists and dicts of values, as trees whose leaves are all other values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .values import (
    ClassValue,
    Const,
    Fixed,
    Function,
    Layer,
    Listing,
    Mapped,
    Real,
    Size,
    Value,
    entries_of,
    items_of,
)

TENSORLESS = (Const, Real, Layer, Function, ClassValue)


def rebuilt(value: Value, leaf: Callable[[Value], Value]) -> Value:
    """The structure anew, with lists and dicts as they are now and `leaf` of what is in them."""
    match value:
        case Fixed(items=items):
            return Fixed(tuple(rebuilt(v, leaf) for v in items), value.shape, value.of)
        case Listing():
            known = items_of(value)
            new = None if known is None else tuple(rebuilt(v, leaf) for v in known)
            return Listing({"items": new})
        case Mapped():
            entries = entries_of(value)
            inner = None if entries is None else {k: rebuilt(v, leaf) for k, v in entries.items()}
            return Mapped({"items": inner})
        case _:
            return leaf(value)


def same(value: Value) -> Value:
    return value


def leaves(value: Value) -> Iterator[Value | None]:
    """The leaves in order; None for a list or dict of which nothing is known."""
    match value:
        case Fixed() | Listing():
            inner = items_of(value)
        case Mapped():
            entries = entries_of(value)
            inner = None if entries is None else tuple(entries.values())
        case _:
            yield value
            return
    if inner is None:
        yield None
        return
    for part in inner:
        yield from leaves(part)


def is_tensorless(value: Value) -> bool:
    """Whether it is known that no tensor or model is in it, whatever is not known of arguments."""
    return all(
        isinstance(leaf, TENSORLESS) or (isinstance(leaf, Size) and leaf.sure)
        for leaf in leaves(value)
    )
