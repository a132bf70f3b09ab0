"""From the paths of the command line to source files, with all that went wrong on the way."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..diagnostics import Diagnostic, codes
from ..files import (
    DEFAULT_MAX_BYTES,
    STDIN_NAME,
    InputFile,
    SourceFile,
    discover,
    import_root,
    place_below,
    read_source,
    source_from_bytes,
)

# A path that the user named and that cannot be opened at all is a usage error, and stops the run.
UNUSABLE = frozenset(
    code.code
    for code in (codes.FILE_NOT_FOUND, codes.UNREADABLE, codes.NOT_A_FILE, codes.SYMLINK_LOOP)
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The sources that could be read; `usage_error` when a named path is of no use."""

    sources: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    usage_error: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Where imports start from, and whether the files that the named ones import are read too."""

    roots: tuple[Path, ...] = ()
    follow: bool = False


def read_inputs(
    paths: Sequence[str],
    max_bytes: int | None = None,
    exclude: Path | None = None,
    search: Search = Search(),
) -> Inputs:
    """Reads all files named or found; "-" is standard input."""
    limit = DEFAULT_MAX_BYTES if max_bytes is None else max_bytes
    named = [Path(path) for path in paths if path != "-"]
    # Files that come along have their place by module, so the named ones need one, too.
    homeless = [p for p in named if search.follow and place_below(p, search.roots) is None]
    roots = (*search.roots, *map(import_root, homeless))
    found = discover(named, exclude, roots)
    problems = list(found.diagnostics)
    sources: list[SourceFile] = []
    read = _read(found.files, limit, roots if search.follow else None)
    if "-" in paths:
        data = sys.stdin.buffer.read(limit + 1)
        name = Path(STDIN_NAME)
        read.append(source_from_bytes(data, name, Path("stdin.py"), "stdin", limit))
    for item in read:
        if isinstance(item, SourceFile):
            sources.append(item)
        else:
            problems.append(item)
    names = {path.as_posix() for path in named}
    unusable = any(
        d.code == codes.OUTPUT_COLLISION.code
        or (d.code in UNUSABLE and d.severity == "error" and d.path in names)
        for d in problems
    )
    nothing = not sources and all(d.code == codes.NO_SOURCE_FILES.code for d in problems)
    return Inputs(tuple(sources), tuple(problems), unusable or nothing)


def _read(
    files: Sequence[InputFile], limit: int, follow: Sequence[Path] | None
) -> list[SourceFile | Diagnostic]:
    """`follow`: the roots that imports are looked for in; None: only these files."""
    if follow is None:
        return [read_source(f.path, f.relative, f.module, limit) for f in files]
    # Imported late: it brings the parser along.
    from .follow import follow_imports

    read: list[SourceFile | Diagnostic] = []
    for needed in follow_imports(files, follow):
        file = needed.file
        one = read_source(file.path, file.relative, file.module, limit)
        read.append(replace(one, part=needed.part) if isinstance(one, SourceFile) else one)
    return read
