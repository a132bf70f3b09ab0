"""Reading and writing source trees."""

from .discover import Discovery, InputFile, discover, import_root, module_name, place_below
from .read import DEFAULT_MAX_BYTES, STDIN_NAME, read_source, source_from_bytes
from .source import Lead, Part, SourceFile, real_path
from .write import OutputError, OutputFile, check_apart, write_file, write_tree

__all__ = [
    "DEFAULT_MAX_BYTES",
    "STDIN_NAME",
    "Discovery",
    "InputFile",
    "Lead",
    "OutputError",
    "OutputFile",
    "Part",
    "SourceFile",
    "check_apart",
    "discover",
    "import_root",
    "module_name",
    "place_below",
    "read_source",
    "real_path",
    "source_from_bytes",
    "write_file",
    "write_tree",
]
