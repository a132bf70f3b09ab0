"""Source text to IR: parsing, name resolution, call binding."""

from .errors import SourceSyntaxError
from .lower import lower_module, lower_text
from .parse import ParsedModule, parse_module, parse_source
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
    "ApiModule",
    "ApiObject",
    "External",
    "ModuleTable",
    "ParsedModule",
    "ProjectDefinition",
    "ProjectModule",
    "ProjectTable",
    "Resolution",
    "SourceSyntaxError",
    "lower_module",
    "lower_text",
    "parse_module",
    "parse_source",
]
