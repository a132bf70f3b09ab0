"""IR -> source text.

Untouched code byte for byte, changed code patched in place, new code printed fresh.
"""

from .blocks import LineEntry
from .module import Emitted, emit_module
from .names import EmitOptions, TargetNames
from .spelling import NewImport

__all__ = ["EmitOptions", "Emitted", "LineEntry", "NewImport", "TargetNames", "emit_module"]
