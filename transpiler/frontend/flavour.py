"""Which Keras the source was written for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...rules.api import Flavour
from .project import ModuleTable, ProjectTable
from .resolution import ApiModule, ApiObject

_CHAIN = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_LEGACY_SWITCH = re.compile(
    r"""environ(?:\[|\.setdefault\()\s*["']TF_USE_LEGACY_KERAS["']\s*(?:\]\s*=|,)\s*["'](?:1|True)"""
)
_PYTHON_KERAS = re.compile(r"\btensorflow\.python\.keras\b")
_STRONG = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign: where it is (line from 1), what it is, and how much it counts."""

    flavour: Flavour
    module: str
    line: int
    what: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class DetectedFlavour:
    flavour: Flavour
    evidence: tuple[Evidence, ...]


def detect_flavour(project: ProjectTable) -> DetectedFlavour:
    """The Keras flavour of a project: Keras 3 unless more speaks for Keras 2.

    Plain `keras` and `tf.keras` both mean Keras 3 today; names that only one flavour has, imports
    of `tf_keras` and `tensorflow.python.keras` and the switch TF_USE_LEGACY_KERAS decide.
    """
    evidence = tuple(sign for table in project.modules.values() for sign in _signs(table))
    older = sum(sign.weight for sign in evidence if sign.flavour == "keras2")
    newer = sum(sign.weight for sign in evidence if sign.flavour == "keras3")
    return DetectedFlavour("keras2" if older > newer else "keras3", evidence)


def _signs(table: ModuleTable) -> Iterator[Evidence]:
    text = table.parsed.text
    if "keras" not in text and "tensorflow" not in text:
        return
    for pattern, what in (
        (_LEGACY_SWITCH, "sets TF_USE_LEGACY_KERAS"),
        (_PYTHON_KERAS, "imports tensorflow.python.keras"),
    ):
        found = pattern.search(text)
        if found is not None:
            yield Evidence("keras2", table.name, _line(text, found.start()), what, _STRONG)
    yield from _imports(table)
    yield from _one_flavour_symbols(table)


def _imports(table: ModuleTable) -> Iterator[Evidence]:
    bindings = table.bindings
    imports = [binding for found in bindings.names.values() for binding in found]
    for binding in (*imports, *bindings.stars):
        root = binding.module.partition(".")[0]
        if binding.kind != "import" or root not in ("tf_keras", "keras_core"):
            continue
        flavour: Flavour = "keras2" if root == "tf_keras" else "keras3"
        weight = 1 if binding.conditional else _STRONG
        line = getattr(binding.statement, "lineno", 1)
        yield Evidence(flavour, table.name, line, f"imports {binding.module}", weight)
        return


def _one_flavour_symbols(table: ModuleTable) -> Iterator[Evidence]:
    """Symbols that one flavour alone has, each counted once."""
    text, seen = table.parsed.text, set[str]()
    places = {match.group(): match.start() for match in _CHAIN.finditer(text)}
    for binding_name in table.bindings.names:
        places.setdefault(binding_name, 0)
    for spelling, offset in places.items():
        path = _canonical(table, spelling)
        if path is None or path in seen:
            continue
        seen.add(path)
        flavours = table.project.api.flavours(path)
        if len(flavours) == 1:
            yield Evidence(flavours[0], table.name, _line(text, offset), f"uses {path}")


def _canonical(table: ModuleTable, spelling: str) -> str | None:
    root, *attributes = spelling.split(".")
    found = table.lookup(root)
    for attribute in attributes:
        if not isinstance(found, ApiModule):
            break
        found = table.project.member(found, attribute)
    return found.path if isinstance(found, ApiObject) and found.known else None


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
