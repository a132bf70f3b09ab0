"""Nested values as (path, leaf) lists, alike for TensorFlow and JAX, and inputs as JSON skeletons.

Mappings, namedtuples, dataclasses and attrs classes give `.field`; lists and tuples give `[i]`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, cast

Leaf = tuple[str, Any]


def flatten(value: Any, path: str = "") -> list[Leaf]:
    """Leaves in order, with None left out; a bare value has the path `out`."""
    leaves = _flatten(value, path)
    return [(p or "out", leaf) for p, leaf in leaves]


def _flatten(value: Any, path: str) -> list[Leaf]:
    if value is None:
        return []
    fields = _fields(value)
    if fields is not None:
        return [leaf for key, item in fields for leaf in _flatten(item, f"{path}.{key}")]
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        return [leaf for i, item in enumerate(items) for leaf in _flatten(item, f"{path}[{i}]")]
    return [(path, value)]


def _fields(value: Any) -> list[tuple[str, Any]] | None:
    if isinstance(value, Mapping):
        return [(str(k), v) for k, v in cast("Mapping[Any, Any]", value).items()]
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return None
    if isinstance(value, tuple) and hasattr(cast("Any", value), "_fields"):
        named = cast("Any", value)
        return list(zip(cast("tuple[str, ...]", named._fields), named, strict=True))
    return _record_fields(cast("Any", value))


def _record_fields(value: Any) -> list[tuple[str, Any]] | None:
    cls: Any = value.__class__
    if dataclasses.is_dataclass(cls):
        return [(f.name, getattr(value, f.name)) for f in dataclasses.fields(cls)]
    if hasattr(cls, "__attrs_attrs__"):
        return [(a.name, getattr(value, a.name)) for a in cls.__attrs_attrs__]
    return None


def map_tree(tree: Any, leaf: Callable[[str, Any], Any], path: str = "") -> Any:
    """Rebuild nested lists, tuples and dicts with `leaf(path, value)` at the leaves."""
    if isinstance(tree, dict):
        items = cast("dict[Any, Any]", tree)
        return {k: map_tree(v, leaf, f"{path}.{k}" if path else str(k)) for k, v in items.items()}
    if isinstance(tree, (list, tuple)):
        values = cast("list[Any]", tree)
        new = [map_tree(v, leaf, f"{path}[{i}]") for i, v in enumerate(values)]
        return tuple(new) if isinstance(tree, tuple) else new
    return leaf(path, tree)


def skeleton(tree: Any, key_of: Callable[[str, Any], str | None], path: str = "") -> Any:
    """Plain data for a nested input: arrays as `{"array": key}`, other leaves as they are."""
    if isinstance(tree, dict):
        items = cast("dict[Any, Any]", tree)
        sub = [
            [k, skeleton(v, key_of, f"{path}.{k}" if path else str(k))] for k, v in items.items()
        ]
        return {"dict": sub}
    if isinstance(tree, (list, tuple)):
        values = cast("list[Any]", tree)
        kind = "tuple" if isinstance(tree, tuple) else "list"
        return {kind: [skeleton(v, key_of, f"{path}[{i}]") for i, v in enumerate(values)]}
    key = key_of(path, tree)
    return {"static": tree} if key is None else {"array": key}


def rebuild(data: Any, arrays: Mapping[str, Any]) -> Any:
    """The inverse of `skeleton`."""
    match data:
        case {"dict": items}:
            return {k: rebuild(v, arrays) for k, v in items}
        case {"list": items}:
            return [rebuild(v, arrays) for v in items]
        case {"tuple": items}:
            return tuple(rebuild(v, arrays) for v in items)
        case {"array": key}:
            return arrays[key]
        case _:
            return data["static"]
