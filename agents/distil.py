"""Playbooks from golden pairs: how somebody migrated by hand, as rules of thumb.

A pair is two files, `NAME_tf.py` and `NAME_jax.py`. Definitions of equal or alike names are aligned
without a model; a model words what changed in each, and every rule carries its example.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .model.messages import Message, Model, Request
from .prompts import prompt

LONGEST = 60
"""Lines of a unit that a prompt shows."""
ALIKE = 0.6
SUFFIXES = (("_tf.py", "_jax.py"), ("_keras.py", "_flax.py"))


class DistilError(Exception):
    """Pairs that cannot be read: the reason."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A definition of both sides; `symbols` are the API names that the source side mentions."""

    name: str
    source: str
    target: str
    symbols: tuple[str, ...]


def read_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Raises DistilError for a folder without pairs."""
    found: list[tuple[Path, Path]] = []
    for mine, theirs in SUFFIXES:
        for path in sorted(folder.rglob(f"*{mine}")):
            other = path.with_name(path.name.removesuffix(mine) + theirs)
            if other.is_file():
                found.append((path, other))
    if not found:
        raise DistilError(f"{folder} has no pairs such as name_tf.py and name_jax.py")
    return found


def align(source: Path, target: Path) -> list[Unit]:
    """Definitions of both files by name, or by the nearest name. Raises DistilError."""
    left, right = _definitions(source), _definitions(target)
    units: list[Unit] = []
    free = dict(right)
    for name, text in left.items():
        other = name if name in free else _nearest(name, free)
        if other is not None:
            units.append(Unit(name, text, free.pop(other), _api_names(text)))
    return units


def _definitions(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError) as error:
        raise DistilError(f"{path}: {error}") from error
    lines = text.splitlines()
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno][:LONGEST])
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _nearest(name: str, free: dict[str, str]) -> str | None:
    close = difflib.get_close_matches(name, free, n=1, cutoff=ALIKE)
    return close[0] if close else None


def _api_names(text: str) -> tuple[str, ...]:
    found = re.findall(r"\b(?:tf|keras)(?:\.\w+)+", text)
    short = [f"keras.{rest}" for rest in re.findall(r"\btf\.keras\.([\w.]+)", text)]
    return tuple(dict.fromkeys([*(f for f in found if not f.startswith("tf.keras")), *short]))


async def distil(units: Sequence[Unit], model: Model) -> str:
    """The text of a playbook. Raises ModelError."""
    rules = [line async for line in _rules(units, model)]
    symbols = sorted({symbol for unit in units for symbol in unit.symbols})
    listed = ", ".join(f'"{symbol}"' for symbol in symbols)
    head = f'+++\ntitle = "As it was done before"\nsymbols = [{listed}]\n+++\n'
    return head + "\n\n".join(rules) + "\n"


async def _rules(units: Sequence[Unit], model: Model) -> AsyncIterator[str]:
    for unit in units:
        text = prompt("distil", source=unit.source, target=unit.target)
        request = Request((Message("user", text),), temperature=0.0, max_tokens=160)
        response = await model.answer(request)
        words = " ".join(response.samples[0].text.split()) if response.samples else ""
        yield f"{unit.name}: {words}\n\n```python\n{unit.target}\n```"


def units_of(pairs: Sequence[tuple[Path, Path]]) -> Iterator[Unit]:
    """All aligned definitions. Raises DistilError."""
    for source, target in pairs:
        yield from align(source, target)
