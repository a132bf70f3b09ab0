"""JSON round trip for frozen dataclasses: `encode` to plain data, `decode` by the type hints."""

from __future__ import annotations

import dataclasses
import types
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Dataclasses, tuples, lists and dicts as JSON data; tuples become lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in cast("list[Any]", value)]
    return value


def decode(cls: type[T], data: Any) -> T:
    """The inverse of `encode`. Raises ValueError or TypeError where data does not fit."""
    return _decode(cls, data)


def _decode(hint: Any, data: Any) -> Any:
    if hint is Any or isinstance(hint, TypeVar):
        return data
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _decode_dataclass(hint, data)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(args, data)
    if origin is Literal:
        if data not in args:
            raise ValueError(f"{data!r} is not one of {args}")
        return data
    if origin is tuple and isinstance(data, (list, tuple)):
        items = cast("list[Any]", data)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_decode(args[0], v) for v in items)
        return tuple(_decode(a, v) for a, v in zip(args, items, strict=True))
    if origin is list and isinstance(data, list):
        return [_decode(args[0], v) for v in cast("list[Any]", data)]
    if origin is dict and isinstance(data, dict):
        return {k: _decode(args[1], v) for k, v in cast("dict[Any, Any]", data).items()}
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if hint is type(None) and data is None:
        return None
    if isinstance(hint, type) and isinstance(data, hint):
        return data
    raise ValueError(f"{data!r} does not fit {hint}")


def _decode_dataclass(cls: Any, data: Any) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{cls.__name__} needs a mapping, got {type(data).__name__}")
    fields = cast("dict[str, Any]", data)
    hints = get_type_hints(cls)
    unknown = sorted(set(fields) - set(hints))
    if unknown:
        raise ValueError(f"{cls.__name__} has no field {', '.join(unknown)}")
    return cls(**{k: _decode(hints[k], v) for k, v in fields.items()})


def _decode_union(args: tuple[Any, ...], data: Any) -> Any:
    errors: list[str] = []
    for hint in args:
        try:
            return _decode(hint, data)
        except (ValueError, TypeError) as e:
            errors.append(str(e))
    raise ValueError("; ".join(errors))
