"""Finds every public name below a module."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

# Names with a leading underscore that programs do use.
PRIVATE_BUT_USED = frozenset({"__internal__", "__operators__", "__version__"})


def public_names(
    root: str,
    module: ModuleType,
    enter: Callable[[str, ModuleType], bool],
) -> dict[str, object]:
    """Dotted name -> object, for `module` and what lies below it.

    Modules that `enter(path, module)` refuses are left out.
    """
    found: dict[str, object] = {root: module}
    pending: list[tuple[str, ModuleType, frozenset[int]]] = [(root, module, frozenset())]
    while pending:
        path, current, above = pending.pop()
        for name in sorted(set(dir(current))):
            if name.startswith("_") and name not in PRIVATE_BUT_USED:
                continue
            try:
                value = getattr(current, name)
            except Exception:  # a lazy attribute whose optional package is missing
                continue
            dotted = f"{path}.{name}"
            if not isinstance(value, ModuleType):
                found[dotted] = value
            elif id(value) not in above and value is not current and enter(dotted, value):
                found[dotted] = value
                pending.append((dotted, value, above | {id(current)}))
    return found
