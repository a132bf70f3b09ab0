"""Source text to IR: parsing, name resolution, call binding."""

from .api_bindings import ApiBindings
from .closure import NeededFile, import_closure, local_imports, needed_part_of
from .errors import SourceSyntaxError
from .flavour import DetectedFlavour, Evidence, detect_flavour
from .lower import Lowered, lower, lower_module, lower_text
from .parse import ParsedModule, parse_module, parse_source, paused_gc
from .project import ModuleTable, ProjectTable
from .resolution import (
    Api,
    ApiModule,
    ApiObject,
    External,
    ProjectDefinition,
    ProjectModule,
    Resolution,
)

__all__ = [
    "Api",
    "ApiBindings",
    "ApiModule",
    "ApiObject",
    "DetectedFlavour",
    "Evidence",
    "External",
    "Lowered",
    "ModuleTable",
    "NeededFile",
    "ParsedModule",
    "ProjectDefinition",
    "ProjectModule",
    "ProjectTable",
    "Resolution",
    "SourceSyntaxError",
    "detect_flavour",
    "import_closure",
    "local_imports",
    "lower",
    "lower_module",
    "lower_text",
    "needed_part_of",
    "parse_module",
    "parse_source",
    "paused_gc",
]
