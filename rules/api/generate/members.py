"""Methods, properties and constants of classes."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType

from .render import Namer, is_literal, render, signature_of, text_of, without_first

Row = tuple[str, str, str, str]
_MISSING = object()
_SPECIAL = ("__call__",)


def member_rows(
    name: str,
    cls: type,
    public_base: Callable[[type], bool],
    name_of: Namer,
) -> Iterator[Row]:
    """Rows of what `cls` adds to, or changes in, its public ancestors."""
    if cls.__module__.startswith(("numpy", "builtins", "google.")) or "_pb2" in cls.__module__:
        return
    bases = [base for base in cls.__mro__[1:] if public_base(base)]
    for member in sorted(dir(cls)):
        if member.startswith("_") and member not in _SPECIAL:
            continue
        value = inspect.getattr_static(cls, member, _MISSING)
        definer = next((base for base in cls.__mro__ if member in vars(base)), None)
        if value is _MISSING or definer is None or definer.__module__ == "builtins":
            continue
        inherited = (inspect.getattr_static(base, member, _MISSING) for base in bases)
        if next((found for found in inherited if found is not _MISSING), _MISSING) is value:
            continue
        yield (f"{name}.{member}", *_describe(cls, value, name_of))


def _describe(cls: type, value: object, name_of: Namer) -> tuple[str, str, str]:
    if isinstance(value, staticmethod):
        return "staticmethod", "", _signature(value.__func__, name_of, bound=False)
    if isinstance(value, classmethod):
        return "classmethod", "", _signature(value.__func__, name_of, bound=True)
    if isinstance(value, FunctionType):
        return "method", "", _signature(value, name_of, bound=True)
    if isinstance(value, enum.Enum):
        value = value.value
        return "constant", "", render(value, name_of) if is_literal(value) else ""
    if isinstance(value, type):
        return "class", "", ""
    if is_literal(value) and isinstance(cls, type):
        return "constant", "", render(value, name_of)
    if callable(value):
        # A decorator object: bound when it is a descriptor, as functions are.
        return "method", "", _signature(value, name_of, bound=hasattr(value, "__get__"))
    return "property", "", ""


def _signature(value: object, name_of: Namer, *, bound: bool) -> str:
    signature = signature_of(value)
    if signature is None:
        return ""
    return text_of(without_first(signature) if bound else signature, name_of)
