"""IR -> source text.

Untouched code byte for byte, changed code patched in place, new code printed fresh.
"""

from .asked import asked_names
from .blocks import LineEntry
from .module import Emitted, emit_module
from .names import EmitOptions, TargetNames
from .spelling import NewImport

__all__ = [
    "EmitOptions",
    "Emitted",
    "LineEntry",
    "NewImport",
    "TargetNames",
    "asked_names",
    "emit_module",
]
