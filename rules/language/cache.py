"""The binary cache of loaded rules, keyed by the content of everything that went into it."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

FORMAT = b"tfjax rules 1\n"
MAX_ENTRIES = 400
PACKAGE = Path(__file__).parent
# The files that say what a node is, by which rules are written down.
NODES = ("base.py", "expressions.py", "nodes.py", "statements.py", "traversal.py")


def cache_folder() -> Path | None:
    """`$TFJAX_CACHE_DIR`, else the user's cache folder; None when caching is off
    (`TFJAX_CACHE_DIR=`).
    """
    chosen = os.environ.get("TFJAX_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "tfjax"
    except RuntimeError:
        return None


@cache
def _base() -> bytes:
    """A key for Python, this package's code, the API data and the helpers."""
    state = hashlib.sha256(sys.version.encode())
    for path in (*sorted(PACKAGE.glob("*.py")), PACKAGE / "grammar.lark"):
        state.update(path.read_bytes())
    for name in NODES:
        state.update((PACKAGE.parents[1] / "ir" / name).read_bytes())
    data = PACKAGE.parent / "api" / "data"
    for path in sorted(data.rglob("*.tsv")):
        status = path.stat()
        state.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    for path in sorted((PACKAGE.parent / "helpers").glob("*.py")):
        status = path.stat()
        state.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return state.digest()


def digest(contents: Iterable[tuple[str, bytes]]) -> str:
    """A key for rule files (path and content) and all that their meaning depends on."""
    state = hashlib.sha256(_base())
    for name, content in contents:
        state.update(f"{name} {len(content)}\n".encode())
        state.update(content)
    return state.hexdigest()


def read(folder: Path | None, key: str) -> object | None:
    """The cached data; None when there is none, or when it is damaged."""
    if folder is None:
        return None
    try:
        raw = (folder / f"rules-{key[:24]}.bin").read_bytes()
    except OSError:
        return None
    header = FORMAT + key.encode() + b"\n"
    body, check = raw[len(header) : -32], raw[-32:]
    if not raw.startswith(header) or hashlib.sha256(body).digest() != check:
        return None
    return marshal.loads(body)


def write(folder: Path | None, key: str, data: Any) -> None:
    """Best effort: a cache that cannot be written only costs time."""
    if folder is None:
        return
    body = marshal.dumps(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix="rules-")
        with os.fdopen(handle, "wb") as file:
            file.write(FORMAT + key.encode() + b"\n" + body + hashlib.sha256(body).digest())
        os.replace(name, folder / f"rules-{key[:24]}.bin")
        _prune(folder)
    except OSError:
        return


def _prune(folder: Path) -> None:
    """Removes the oldest entries beyond the limit."""
    entries = sorted(folder.glob("rules-*.bin"), key=lambda path: path.stat().st_mtime)
    for path in entries[:-MAX_ENTRIES]:
        path.unlink(missing_ok=True)
