"""Modules that are found by running code: evaluated here for constant arguments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .resolution import Resolution

if TYPE_CHECKING:
    from .project import ModuleTable
    from .values import Lookup


def resolve_call(
    call: ast.Call, position: int | None, name: str, module: ModuleTable, lookup: Lookup
) -> Resolution | None:
    """What a call gives that imports or looks up a module; None for any other call."""
    return None
