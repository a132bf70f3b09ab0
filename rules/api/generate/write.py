"""Writes the sorted tables that `tfjax.rules.api.table` reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("flax", "jax", "keras", "optax", "tensorflow", "tf_keras")


def table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """One record a line, sorted by bytes. Raises ValueError on a duplicate key or a stray tab."""
    lines: dict[str, str] = {}
    for row in rows:
        if any("\t" in field or "\n" in field for field in row):
            raise ValueError(f"tab or newline in {row}")
        if row[0] in lines:
            raise ValueError(f"two rows for {row[0]}")
        lines[row[0]] = "\t".join(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = sorted(line.encode() + b"\n" for line in lines.values())
    path.write_bytes(b"".join(content))


def versions(path: Path) -> None:
    table(path, [(package, version(package)) for package in PACKAGES])
