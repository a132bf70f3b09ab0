"""Bytes of Python source to text and the codec that takes it back (PEP 263)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
LINE_END = re.compile(r"\r\n|\r|\n")
BYTE_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Source text and the codec to write it back with."""

    text: str
    encoding: str


@dataclass(frozen=True, slots=True)
class UnknownEncoding:
    """The cookie on `line` names a codec that Python lacks, or one that the bytes contradict."""

    name: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class BadBytes:
    """A byte that the codec rejects: `line` from 1, `column` from 0 in characters."""

    encoding: str
    line: int
    column: int
    byte: int | None
    has_cookie: bool


def decode(data: bytes) -> Decoded | UnknownEncoding | BadBytes:
    """Decodes as Python does: byte order mark, then cookie, then UTF-8."""
    marked = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if marked else data
    cookie = find_cookie(body)
    if cookie is None:
        return _decode_with(body, "utf-8-sig" if marked else "utf-8", False)
    name, line = cookie
    try:
        codec = codecs.lookup(name).name
        # Raises LookupError for codecs such as rot13 and hex, which give no text from bytes.
        b" ".decode(codec)
    except (LookupError, ValueError, UnicodeError):
        return UnknownEncoding(name, line, f"`{name}` is not an encoding that Python knows")
    codec = "utf-8" if codec == "utf-8-sig" else codec
    if marked and codec != "utf-8":
        reason = f"the file begins with a UTF-8 byte order mark but its cookie says `{name}`"
        return UnknownEncoding(name, line, reason)
    return _decode_with(body, "utf-8-sig" if marked else codec, True)


def find_cookie(body: bytes) -> tuple[str, int] | None:
    """The encoding named in the first two lines, and its line; the second counts only when the
    first is blank or a comment."""
    for number, line in enumerate(BYTE_LINE_END.split(body[:4096], 2)[:2], start=1):
        if found := COOKIE.match(line):
            return found[1].decode("ascii", "replace"), number
        if not BLANK.match(line):
            return None
    return None


def first_newline(text: str) -> str:
    """The first line end of the text, a newline when it has none."""
    found = LINE_END.search(text)
    return found[0] if found else "\n"


def _decode_with(body: bytes, encoding: str, has_cookie: bool) -> Decoded | BadBytes:
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        line, column = _place(body, error.start, codec)
        return BadBytes(codec, line, column, body[error.start], has_cookie)
    # Some legacy codecs read several byte strings as one text: those could not be kept as is.
    if codec != "utf-8" and text.encode(codec, "replace") != body:
        return BadBytes(codec, 1, 0, None, has_cookie)
    return Decoded(text, encoding)


def _place(body: bytes, offset: int, codec: str) -> tuple[int, int]:
    before = BYTE_LINE_END.split(body[:offset])
    return len(before), len(before[-1].decode(codec, "replace"))
