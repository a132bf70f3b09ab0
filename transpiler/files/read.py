"""Reading one source file: every way in which that can fail is a diagnostic."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from ...ir.span import Span
from ..diagnostics import Diagnostic, codes
from .encoding import BadBytes, Decoded, UnknownEncoding, decode, first_newline
from .source import SourceFile

DEFAULT_MAX_BYTES = 10 * 1024 * 1024
STDIN_NAME = "<stdin>"
WIDE_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_source(
    path: Path, relative: Path, module: str, max_bytes: int = DEFAULT_MAX_BYTES
) -> SourceFile | Diagnostic:
    """Reads a regular file; never opens anything else (a FIFO would block for ever)."""
    name = path.as_posix()
    try:
        status = path.stat()
        if (problem := _not_a_file(name, status.st_mode)) is not None:
            return problem
        if status.st_size > max_bytes:
            return _too_large(name, status.st_size, max_bytes)
        with path.open("rb") as file:
            # One byte more than allowed: the file may have grown since it was measured.
            data = file.read(max_bytes + 1)
    except OSError as error:
        return os_problem(path, error)
    executable = bool(status.st_mode & stat.S_IXUSR)
    return source_from_bytes(data, path, relative, module, max_bytes, executable)


def source_from_bytes(
    data: bytes,
    path: Path,
    relative: Path,
    module: str,
    max_bytes: int = DEFAULT_MAX_BYTES,
    executable: bool = False,
) -> SourceFile | Diagnostic:
    """Decodes bytes that were read already, such as standard input's."""
    name = path.as_posix()
    if len(data) > max_bytes:
        return _too_large(name, len(data), max_bytes)
    if (at := data.find(b"\0")) >= 0:
        return _binary(name, data, at)
    match decode(data):
        case Decoded(text, encoding):
            newline = first_newline(text)
            return SourceFile(path, relative, text, encoding, newline, module, executable)
        case UnknownEncoding(wrong, line, reason):
            span = Span(line, 0, line, len(wrong) + 1)
            hint = "correct the `# -*- coding: ... -*-` comment, or convert the file to UTF-8"
            return codes.UNKNOWN_ENCODING.at(name, span, reason, hint=hint)
        case BadBytes() as bad:
            return _undecodable(name, bad)


def os_problem(path: Path, error: OSError) -> Diagnostic:
    """The diagnostic for an operating-system error on an input."""
    name = path.as_posix()
    match error.errno:
        case errno.ENOENT if path.is_symlink():
            target = os.readlink(path)
            message = f"`{name}` is a symbolic link to `{target}`, which does not exist"
            return codes.FILE_NOT_FOUND.at(name, None, message)
        case errno.ENOENT | errno.ENOTDIR:
            hint = "check the spelling; the path is relative to the current directory"
            return codes.FILE_NOT_FOUND.at(name, None, f"`{name}` does not exist", hint=hint)
        case errno.ELOOP:
            message = f"`{name}` is a symbolic link that leads back to itself"
            return codes.SYMLINK_LOOP.at(name, None, message, severity="error")
        case _:
            reason = (error.strerror or str(error)).lower()
            return codes.UNREADABLE.at(name, None, f"`{name}` cannot be read: {reason}")


def _not_a_file(name: str, mode: int) -> Diagnostic | None:
    if stat.S_ISREG(mode):
        return None
    kinds = (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    kind = next((text for test, text in kinds if test(mode)), "a special file")
    hint = "pipe the source to `-` instead" if kind == "a named pipe" else None
    return codes.NOT_A_FILE.at(name, None, f"`{name}` is {kind}, not a source file", hint=hint)


def _too_large(name: str, size: int, limit: int) -> Diagnostic:
    message = f"the file has {size:,} bytes; the limit is {limit:,}"
    return codes.FILE_TOO_LARGE.at(
        name, None, message, hint="raise the limit with --max-file-size if this is source code"
    )


def _binary(name: str, data: bytes, at: int) -> Diagnostic:
    wide = WIDE_MARKS.get(data[:2])
    hint = f"the file looks like {wide}: convert it to UTF-8" if wide else None
    message = f"byte {at} is NUL: this is no Python source"
    return codes.BINARY_CONTENT.at(name, None, message, hint=hint)


def _undecodable(name: str, bad: BadBytes) -> Diagnostic:
    span = Span(bad.line, bad.column, bad.line, bad.column + 1)
    if bad.byte is None:
        message = f"the text does not survive a round trip through `{bad.encoding}`"
        return codes.UNDECODABLE.at(name, None, message, hint="convert the file to UTF-8")
    message = f"byte 0x{bad.byte:02x} is not valid {bad.encoding}"
    hint = (
        "the cookie names another encoding than the file has"
        if bad.has_cookie
        else "name the encoding in the first line, as in `# -*- coding: latin-1 -*-`, "
        "or convert the file to UTF-8"
    )
    return codes.UNDECODABLE.at(name, span, message, hint=hint)
