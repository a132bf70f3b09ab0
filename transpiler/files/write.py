"""Writing the output tree: all of it, or nothing.

Every file is written and synced in a staging folder inside the output directory, and only when
all are there are they renamed into place; what they replace is kept aside until the last rename
and put back if one fails.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic, codes
from .source import real_path


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file to write, relative to the output directory."""

    relative: Path
    data: bytes
    executable: bool = False


class OutputError(Exception):
    """The output cannot be written; nothing was changed."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def check_apart(output: Path, inputs: Sequence[Path]) -> Diagnostic | None:
    """TJ1015 when writing to `output` could overwrite an input or feed the next run."""
    target = real_path(output)
    for path in inputs:
        source = real_path(path)
        folder = source if source.is_dir() else source.parent
        clash = target == source or (
            target.is_relative_to(source) if source.is_dir() else target == folder
        )
        if clash:
            message = f"the output `{output.as_posix()}` lies in the input `{path.as_posix()}`"
            hint = "choose another output, or say --in-place if that is meant"
            return codes.OUTPUT_IS_INPUT.at(output.as_posix(), None, message, hint=hint)
    return None


def write_tree(
    root: Path, files: Sequence[OutputFile], protect: Collection[Path] = ()
) -> tuple[Path, ...]:
    """Writes the files below `root` and returns those whose bytes changed.

    Raises OutputError, with the tree as it was before, when any of them cannot be written or
    would replace one of `protect` (resolved paths; links in the output may lead anywhere).
    """
    for file in files:
        target = real_path((root / file.relative).parent) / file.relative.name
        if target in protect:
            name = (root / file.relative).as_posix()
            message = f"writing `{name}` would overwrite the input"
            raise OutputError(codes.OUTPUT_IS_INPUT.at(name, None, message))
    changed = [file for file in files if not _is_current(root / file.relative, file.data)]
    made: list[Path] = []
    if not files:
        return ()
    try:
        _make_folder(root, made)
        if not changed:
            return ()
        with tempfile.TemporaryDirectory(prefix=".tfjax-", dir=root) as staging:
            staged = [_stage(Path(staging), n, file) for n, file in enumerate(changed)]
            _install(root, changed, staged, Path(staging), made)
    except BaseException as error:
        _remove_empty(made)
        if isinstance(error, OSError):
            raise OutputError(_unwritable(root, error)) from error
        raise
    return tuple(root / file.relative for file in changed)


def write_file(path: Path, data: bytes, protect: Collection[Path] = ()) -> bool:
    """Writes one file atomically; False when it has these bytes already. Raises OutputError."""
    return bool(write_tree(path.parent, (OutputFile(Path(path.name), data),), protect))


def _is_current(path: Path, data: bytes) -> bool:
    try:
        return (
            path.is_file()
            and not path.is_symlink()
            and path.stat().st_size == len(data)
            and path.read_bytes() == data
        )
    except OSError:
        return False


def _stage(staging: Path, number: int, file: OutputFile) -> Path:
    path = staging / f"{number}.new"
    with path.open("xb") as stream:
        stream.write(file.data)
        stream.flush()
        os.fsync(stream.fileno())
    if file.executable:
        mode = path.stat().st_mode
        # Executable for those who may read it.
        path.chmod(mode | (mode & 0o444) >> 2)
    return path


def _install(
    root: Path,
    files: Sequence[OutputFile],
    staged: Sequence[Path],
    staging: Path,
    made: list[Path],
) -> None:
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, (file, new) in enumerate(zip(files, staged, strict=True)):
            target = root / file.relative
            _make_folder(target.parent, made)
            if target.is_dir() and not target.is_symlink():
                raise IsADirectoryError(21, "is a directory", str(target))
            old = None
            if os.path.lexists(target):
                old = staging / f"{number}.old"
                # A copy, so that the target never vanishes, not even for a moment.
                shutil.copy2(target, old, follow_symlinks=False)
            os.replace(new, target)
            done.append((target, old))
    except BaseException:
        for target, old in reversed(done):
            if old is None:
                target.unlink(missing_ok=True)
            else:
                os.replace(old, target)
        raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    missing: list[Path] = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(20, "is a file, not a directory", str(folder))
    for path in reversed(missing):
        path.mkdir()
        made.append(path)


def _remove_empty(made: Sequence[Path]) -> None:
    for folder in reversed(made):
        try:
            folder.rmdir()
        except OSError:
            # Somebody else put something there meanwhile: it is theirs to keep.
            return


def _unwritable(root: Path, error: OSError) -> Diagnostic:
    place = Path(str(error.filename)) if error.filename else root
    # A staging file says nothing to the user: the output directory does.
    name = root.as_posix() if ".tfjax-" in place.as_posix() else place.as_posix()
    reason = (error.strerror or str(error)).lower()
    return codes.OUTPUT_UNWRITABLE.at(
        name, None, f"cannot write `{name}`: {reason}; nothing was written"
    )
