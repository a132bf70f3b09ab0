"""From the paths on the command line to the list of files to compile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..diagnostics import Diagnostic, codes
from .read import os_problem
from .source import real_path

SKIPPED = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: where it is, its place in the output tree, its dotted module name."""

    path: Path
    relative: Path
    module: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files in the order of the paths, then by name; and what could not be entered."""

    files: tuple[InputFile, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Walk:
    root: Path
    exclude: Path | None
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    # Real directories entered through links, so that links between trees cannot multiply them.
    linked: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])


def discover(
    paths: Sequence[Path], exclude: Path | None = None, roots: Sequence[Path] = ()
) -> Discovery:
    """Lists the Python files under `paths`; nothing below `exclude` (the output) is entered.

    A file below one of `roots`, where absolute imports start, keeps its place below that root. Else
    a file goes to the top of the output tree; so does the content of a directory when it is the
    only path; of several paths, each directory keeps its own name.
    """
    found: dict[Path, InputFile] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        for file in _expand(path, len(paths) == 1, exclude, diagnostics):
            file = place_below(file.path, roots) or file
            other = found.setdefault(file.relative, file)
            if other.path != file.path and real_path(other.path) != real_path(file.path):
                diagnostics.append(_collision(file, other))
    return Discovery(tuple(found.values()), tuple(diagnostics))


def place_below(path: Path, roots: Sequence[Path]) -> InputFile | None:
    """A file or folder as the nearest of `roots` sees it; None when it lies below none."""
    absolute = Path(os.path.abspath(path))
    above = [r for root in roots if absolute.is_relative_to(r := Path(os.path.abspath(root)))]
    if not above:
        return None
    relative = absolute.relative_to(max(above, key=lambda root: len(root.parts)))
    if not relative.parts:
        return None
    parts = relative.with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1:] == ("__init__",) else parts)
    return InputFile(path, relative, module)


def import_root(path: Path) -> Path:
    """The directory that imports of a file, or of those in a directory, start from: above the
    outermost package."""
    folder = Path(os.path.abspath(path))
    folder = folder if folder.is_dir() else folder.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def module_name(path: Path, root: Path | None = None) -> str:
    """The dotted name of a file: by its packages, else by its place below `root`."""
    path = Path(os.path.abspath(path))
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    if not (folder / "__init__.py").is_file() and root is not None:
        top = Path(os.path.abspath(root))
        while folder != top and folder != folder.parent:
            parts.insert(0, folder.name)
            folder = folder.parent
    while (folder / "__init__.py").is_file() and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _expand(
    path: Path, only: bool, exclude: Path | None, diagnostics: list[Diagnostic]
) -> Iterator[InputFile]:
    try:
        path.stat()
    except OSError as error:
        diagnostics.append(os_problem(path, error))
        return
    if not path.is_dir() or path.suffix == ".py":
        yield InputFile(path, Path(path.name), module_name(path))
        return
    walk = _Walk(path, real_path(exclude) if exclude else None)
    prefix = Path() if only else Path(real_path(path).name)
    before = len(diagnostics)
    empty = True
    for file in _files_below(path, walk, _identity(path)):
        empty = False
        yield InputFile(file, prefix / file.relative_to(path), module_name(file, path))
    diagnostics.extend(walk.diagnostics)
    if empty and len(diagnostics) == before:
        name = path.as_posix()
        diagnostics.append(codes.NO_SOURCE_FILES.at(name, None, f"no Python file under `{name}`"))


def _files_below(
    folder: Path, walk: _Walk, ancestors: tuple[tuple[int, int], ...]
) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        walk.diagnostics.append(os_problem(folder, error))
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith(".") or entry.name in SKIPPED:
            continue
        if entry.name.endswith(".py"):
            # A directory or a pipe of this name gets its diagnostic when it is read.
            yield path
        elif _is_directory(entry) and _may_enter(path, entry.is_symlink(), walk, ancestors):
            yield from _files_below(path, walk, (*ancestors, *_identity(path)))


def _may_enter(
    path: Path, is_link: bool, walk: _Walk, ancestors: tuple[tuple[int, int], ...]
) -> bool:
    if (path / "pyvenv.cfg").exists() or path.name.endswith(".egg-info"):
        return False
    real = real_path(path)
    if walk.exclude is not None and real == walk.exclude:
        return False
    if not is_link:
        return True
    name, identity = path.as_posix(), _identity(path)
    if set(identity) & set(ancestors):
        message = f"the symbolic link leads back to `{os.readlink(path)}`; not followed"
        walk.diagnostics.append(codes.SYMLINK_LOOP.at(name, None, message))
        return False
    if real.is_relative_to(real_path(walk.root)) or set(identity) & walk.linked:
        message = f"`{os.readlink(path)}` is part of the input already; the link is not followed"
        walk.diagnostics.append(codes.SYMLINK_ALIAS.at(name, None, message))
        return False
    walk.linked.update(identity)
    return True


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _identity(path: Path) -> tuple[tuple[int, int], ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return ((status.st_dev, status.st_ino),)


def _collision(file: InputFile, other: InputFile) -> Diagnostic:
    message = (
        f"`{file.path.as_posix()}` and `{other.path.as_posix()}` would both be written to "
        f"`{file.relative.as_posix()}`"
    )
    hint = "compile them in two runs, or name the directory that holds both"
    return codes.OUTPUT_COLLISION.at(file.path.as_posix(), None, message, hint=hint)
