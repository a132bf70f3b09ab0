"""The weight map of a program: which key of which checkpoint makes which parameter.

`weights map` writes it as JSON, `weights convert` reads it; no framework is needed for the latter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..verify.codec import decode, encode

FORMAT = 1


class MapError(Exception):
    """The file is no weight map; the message says why."""


@dataclass(frozen=True, slots=True)
class SourceVariable:
    """A variable of the source program; `path` is its attribute path, unique in the program."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    role: str


@dataclass(frozen=True, slots=True)
class TargetVariable:
    """A parameter of the translation: `steps` (see `verify/steps.py`) over the `sources` make it.

    `path` is dotted, as in `nnx.to_flat_state`.
    """

    path: str
    sources: tuple[str, ...]
    steps: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """An array of an HDF5 file: that of the variable `source`, or else the constant `value`."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    source: str = ""
    value: Any = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Layout:
    """A file as Keras writes it, without the arrays: `groups` with their attributes, in order, and
    in an archive the `texts` of its other members."""

    groups: tuple[tuple[str, dict[str, Any]], ...]
    datasets: tuple[Dataset, ...]
    texts: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class WeightMap:
    """keys      for each kind of checkpoint: path of the variable -> key, in the file's order
    trainable  paths of the trained variables in the optimizer's order
    layouts    files that Keras can write of this program: weights.h5, keras, h5
    others     keys that such files hold beside the variables (generators, counters)
    unsaved    kinds that could not be written for this program, and why
    initial    what the variables in `carried` hold in a new model, where they are small
    """

    program: str
    flavour: str
    sources: tuple[SourceVariable, ...]
    targets: tuple[TargetVariable, ...]
    keys: dict[str, dict[str, str]]
    trainable: tuple[str, ...]
    layouts: dict[str, Layout]
    others: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    unsaved: dict[str, str] = field(default_factory=dict[str, str])
    initial: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def by_path(self) -> Mapping[str, SourceVariable]:
        return {v.path: v for v in self.sources}

    @property
    def needed(self) -> tuple[str, ...]:
        """Variables that parameters of the translation are made of."""
        return tuple(dict.fromkeys(s for t in self.targets for s in t.sources))

    @property
    def carried(self) -> tuple[str, ...]:
        """Variables that no parameter is made of, and a file of the source holds: counters."""
        needed = set(self.needed)
        return tuple(v.path for v in self.sources if v.role == "other" and v.path not in needed)


def write_map(path: Path, maps: list[WeightMap]) -> None:
    document = {"format": FORMAT, "programs": [encode(one) for one in maps]}
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    part.replace(path)


def read_map(path: Path, program: str | None = None) -> WeightMap:
    """The map of a program, which must be named where the file holds several. Raises MapError."""
    try:
        document: Any = json.loads(path.read_text("utf-8"))
        if document["format"] != FORMAT:
            raise MapError(f"{path}: format {document['format']}, not {FORMAT}")
        maps = [decode(WeightMap, one) for one in document["programs"]]
    except OSError as error:
        raise MapError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise MapError(f"{path}: no weight map: {error}") from error
    chosen = [one for one in maps if program in (None, one.program)]
    if len(chosen) != 1:
        names = ", ".join(one.program for one in maps)
        raise MapError(f"{path}: name one program with --program; it holds: {names}")
    return chosen[0]
