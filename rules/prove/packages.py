"""The modules whose functions rules of the user translate."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

IMPORTS = "TFJAX_PROVE_IMPORTS"
"""The environment variable of a worker that names them, with spaces between."""


def imported() -> dict[str, ModuleType]:
    """The packages that these modules are in, by name. Raises ImportError."""
    found: dict[str, ModuleType] = {}
    for name in os.environ.get(IMPORTS, "").split():
        importlib.import_module(name)
        root = name.partition(".")[0]
        found[root] = importlib.import_module(root)
    return found
