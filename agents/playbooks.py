"""Playbooks: short how-tos in Markdown, in four levels, found by the symbols of a region.

A file starts with TOML between lines of `+++`: `title`, `symbols` (patterns such as
`tf.math.segment_*`) and `codes` (diagnostics), both optional. General and style playbooks go into
every prompt, and first, so that servers cache them; task and client ones where they fit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from .contract import Region

Level = Literal["general", "style", "task", "client"]
LEVELS: tuple[Level, ...] = ("general", "style", "task", "client")
BUILTIN = Path(__file__).parents[1] / "playbooks"
FENCE = "+++"


class PlaybookError(Exception):
    """A playbook that cannot be read: the path and the reason."""


@dataclass(frozen=True, slots=True)
class Playbook:
    level: Level
    name: str
    title: str
    text: str
    symbols: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def fits(self, region: Region) -> bool:
        """Whether one of its patterns names a symbol or the diagnostic of the region."""
        if region.code in self.codes:
            return True
        return any(fnmatchcase(s, pattern) for s in region.symbols for pattern in self.symbols)


def read_playbook(path: Path, level: Level) -> Playbook:
    """Raises PlaybookError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlaybookError(f"{path}: {error}") from error
    lines = text.splitlines()
    if not lines or lines[0].strip() != FENCE or FENCE not in (s.strip() for s in lines[1:]):
        raise PlaybookError(f"{path}: it does not start with TOML between lines of {FENCE}")
    end = next(n for n, line in enumerate(lines[1:], start=1) if line.strip() == FENCE)
    try:
        head: dict[str, Any] = tomllib.loads("\n".join(lines[1:end]))
    except tomllib.TOMLDecodeError as error:
        raise PlaybookError(f"{path}: {error}") from error
    unknown = sorted(head.keys() - {"title", "symbols", "codes"})
    if unknown:
        raise PlaybookError(f"{path}: unknown key `{unknown[0]}`")
    body = "\n".join(lines[end + 1 :]).strip()
    symbols, codes = tuple(head.get("symbols", ())), tuple(head.get("codes", ()))
    return Playbook(level, path.stem, str(head.get("title", path.stem)), body, symbols, codes)


def read_playbooks(folders: Iterable[Path] = (BUILTIN,)) -> list[Playbook]:
    """All playbooks of folders that hold a folder for each level, in order of level and name; one
    of a later folder replaces one of the same level and name. Raises PlaybookError."""
    found: dict[tuple[int, str], Playbook] = {}
    for folder in folders:
        if not folder.is_dir():
            raise PlaybookError(f"{folder} is no folder")
        for number, level in enumerate(LEVELS):
            for path in sorted((folder / level).glob("*.md")):
                found[number, path.stem] = read_playbook(path, level)
    return [found[key] for key in sorted(found)]


def always(playbooks: Sequence[Playbook]) -> list[Playbook]:
    """Those that go into every prompt."""
    return [p for p in playbooks if p.level in ("general", "style")]


def fitting(playbooks: Sequence[Playbook], region: Region, limit: int = 3) -> list[Playbook]:
    """Task and client playbooks for a region; a client's own come first."""
    found = [p for p in playbooks if p.level in ("task", "client") and p.fits(region)]
    return sorted(found, key=lambda p: (p.level != "client", p.name))[:limit]
