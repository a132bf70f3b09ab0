"""Rules that other installed packages bring along, by the entry-point group `tfjax.rules`.

An entry point names a package or folder that holds rule files, `my_rules = my_package.rules`. It is
found as data: nothing of the package is imported.
"""

from __future__ import annotations

import importlib.machinery
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from .errors import SYNTAX, Place, Problem, RuleError

GROUP = "tfjax.rules"


def installed_rules(found: Iterable[EntryPoint] | None = None) -> tuple[Path, ...]:
    """The folders that entry points name, ordered by entry point. Raises RuleError for one that
    names nothing."""
    points = entry_points(group=GROUP) if found is None else found
    return tuple(_folder(p) for p in sorted(points, key=lambda p: (p.name, p.value)))


def _folder(point: EntryPoint) -> Path:
    parts = point.value.partition(":")[0].strip().split(".")
    for root in _roots(parts[0]):
        folder = root.joinpath(*parts[1:])
        if folder.is_dir():
            return folder
        if (file := folder.with_suffix(".rules")).is_file():
            return file
    message = f"entry point `{point.name}`: no folder of rules at `{point.value}`"
    raise RuleError([Problem(Place(f"entry point {GROUP}", 1), message, SYNTAX)])


def _roots(package: str) -> list[Path]:
    """The folders of a top-level package, found without importing it."""
    spec = importlib.machinery.PathFinder.find_spec(package)
    return [Path(path) for path in (spec.submodule_search_locations or ())] if spec else []
