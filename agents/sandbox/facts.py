"""What the installed frameworks say of their functions: documentation, and code in Python."""
# pyright: basic

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from typing import Any

LONGEST = 20_000


def of_source(symbols: Sequence[str], keras: str) -> dict[str, Any]:
    """{"documents", "codes"} by symbol; a symbol that is not there has none."""
    from ...rules.prove.source import packages

    scope = packages(keras)
    documents: dict[str, str] = {}
    codes: dict[str, str] = {}
    for symbol in symbols:
        found = _value(scope, symbol)
        documents[symbol] = (inspect.getdoc(found) or "")[:LONGEST] if found is not None else ""
        codes[symbol] = _code(found)
    return {"documents": documents, "codes": codes}


def of_target(names: Sequence[str]) -> dict[str, Any]:
    """{"sentences"}: the documentation of functions by their full names."""
    return {"sentences": {name: (inspect.getdoc(_imported(name)) or "")[:2000] for name in names}}


def _value(scope: dict[str, Any], symbol: str) -> Any:
    head, *rest = symbol.split(".")
    found = scope.get(head)
    for name in rest:
        found = getattr(found, name, None)
    return found


def _imported(name: str) -> Any:
    module, _, last = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), last, None)
    except ImportError:
        return getattr(_imported(module), last, None) if "." in module else None


def _code(found: Any) -> str:
    """The text of a function below its decorators; "" for what is none."""
    try:
        function = inspect.unwrap(found)
        return inspect.getsource(function)[:LONGEST] if inspect.isfunction(function) else ""
    except (OSError, TypeError, ValueError):
        return ""
