"""Text of signatures, defaults and constants."""

from __future__ import annotations

import enum
import inspect
import math
from collections.abc import Callable, Mapping
from types import FunctionType

Namer = Callable[[object], "str | None"]

_SEQUENCES = ((tuple, "(", ")"), (list, "[", "]"))


def render(value: object, name_of: Namer) -> str:
    """Python source for `value`; `opaque('...')` for an object without literal or public name."""
    if value is None or value is Ellipsis:
        return repr(value)
    if isinstance(value, enum.Enum):
        owner = name_of(type(value))
        if owner is not None:
            return f"{owner}.{value.name}"
        return _opaque(value)
    if type(value) in (bool, int, str, bytes, complex):
        return ascii(value)
    if type(value) is float:
        return repr(value) if math.isfinite(value) else f"float('{value}')"
    for kind, opening, closing in _SEQUENCES:
        if type(value) is kind:
            parts = [render(item, name_of) for item in value]  # type: ignore[attr-defined]
            tail = "," if kind is tuple and len(parts) == 1 else ""
            return f"{opening}{', '.join(parts)}{tail}{closing}"
    if isinstance(value, Mapping):
        items = (f"{render(k, name_of)}: {render(v, name_of)}" for k, v in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, (set, frozenset)):
        items = sorted(render(item, name_of) for item in value)
        return "{" + ", ".join(items) + "}" if items else "set()"
    return name_of(value) or _opaque(value)


def _opaque(value: object) -> str:
    described = value if isinstance(value, (type, FunctionType)) else type(value)
    name = getattr(described, "__qualname__", type(value).__name__)
    return f"opaque({f'{described.__module__}.{name}'!a})"


def is_literal(value: object) -> bool:
    """Whether a constant's value is worth recording."""
    if isinstance(value, (tuple, list)):
        return all(is_literal(item) for item in value)
    return value is None or type(value) in (bool, int, float, str, bytes, complex)


def text_of(signature: inspect.Signature, name_of: Namer) -> str:
    """`(a, b=None, *, c=1, **kwargs)`, without annotations."""
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        default = parameter.default
        if default is not inspect.Parameter.empty:
            default = _Source(render(default, name_of))
        parameters.append(parameter.replace(annotation=inspect.Parameter.empty, default=default))
    bare = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return str(bare)


class _Source:
    """A default that prints as given."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def signature_of(value: object) -> inspect.Signature | None:
    """The call signature of a function or class (constructor, without `self`)."""
    if isinstance(value, type):
        return _constructor(value)
    function = getattr(value, "_func", None)  # jax.numpy.ufunc hides the wrapped function here
    if type(value).__name__ == "ufunc" and callable(function):
        return _inspected(function)
    return _inspected(value)


def _inspected(value: object) -> inspect.Signature | None:
    try:
        return inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _constructor(cls: type) -> inspect.Signature | None:
    if cls.__init__ is not object.__init__:
        signature = _inspected(cls.__init__)
        if signature is not None and not _is_catch_all(signature):
            return without_first(signature)
    new = inspect.getattr_static(cls, "__new__", None)
    if isinstance(new, staticmethod) and isinstance(new.__func__, FunctionType):
        signature = _inspected(new.__func__)
        if signature is not None and not _is_catch_all(signature):
            return without_first(signature)
    if cls.__init__ is object.__init__ and cls.__new__ is object.__new__:
        # `jax.numpy.float32(x)` is defined by the metaclass.
        return _inspected(cls) or inspect.Signature()
    if cls.__init__ is not object.__init__:
        signature = _inspected(cls.__init__)
        return None if signature is None else without_first(signature)
    return None


def _is_catch_all(signature: inspect.Signature) -> bool:
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    positional = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    rest = kinds[1:] if kinds and kinds[0] in positional else kinds
    return rest == [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]


def without_first(signature: inspect.Signature) -> inspect.Signature:
    """The signature of the bound method."""
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        parameters = parameters[1:]
    return signature.replace(parameters=parameters)
