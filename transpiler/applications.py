"""`keras.applications` in user code: the source of each model that is used comes along.

The file lies in the user's environment, beside the frameworks, and is found there without an import
of them. It joins the project as `applications/resnet.py` with what the project needs of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from ..ir.nodes import Module, OpCall, Symbol, walk
from ..rules.api import Flavour, SourceApi
from ..rules.language.records import Rule
from ..rules.language.ruleset import RuleSet
from .files import SourceFile, read_source
from .frontend import (
    ParsedModule,
    ProjectTable,
    SourceSyntaxError,
    detect_flavour,
    lower,
    needed_part_of,
    parse_source,
)
from .needed_part import needed_part

_FAMILY = "keras.applications."
_FOLDERS = ("applications", "keras_applications")
# Where each Keras version keeps its models, the installed package first that is looked into first.
_PLACES: Mapping[Flavour, tuple[str, ...]] = {
    "keras2": ("tf_keras/src", "keras/src", "tf_keras", "keras", "tensorflow/python/keras"),
    "keras3": ("keras/src",),
}
# A file of the other version: Keras 3 has its backends beside the applications.
_NEWER = "ops"
_DEFINITION = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Library:
    """The folder of the applications; `defined` maps each top-level name to its modules."""

    folder: Path
    defined: Mapping[str, tuple[str, ...]]

    def find(self, symbol: str) -> tuple[str, str] | None:
        """Module and name of `keras.applications.ResNet50` or `keras.applications.resnet.stack1`"""
        module, _, name = symbol.removeprefix(_FAMILY).rpartition(".")
        known = self.defined.get(name, ())
        if module in known:
            return module, name
        return (known[0], name) if not module and len(known) == 1 else None


def with_applications(
    sources: Mapping[str, SourceFile], rules: RuleSet, flavour: Flavour | None = None
) -> dict[str, SourceFile]:
    """The sources and, behind them, the files of the applications that they use; `flavour` None:
    detected."""
    if not any("applications" in source.text for source in sources.values()):
        return dict(sources)
    if any(source.provides for source in sources.values()):
        return dict(sources)
    wanted = {s for s in _symbols(sources, flavour) if _is_model(s, rules)}
    library = None if not wanted else _library(flavour or _detected(sources))
    if library is None:
        return dict(sources)
    prefix, place = _home(sources)
    found: dict[str, dict[str, str]] = {}
    brought: dict[str, SourceFile] = {}
    while wanted:
        symbol = wanted.pop()
        origin = library.find(symbol)
        if origin is None or symbol in found.get(origin[0], {}):
            continue
        found.setdefault(origin[0], {})[symbol] = origin[1]
        file = _brought(library, origin[0], found[origin[0]], prefix, place)
        if file is not None:
            brought[file.module] = file
            wanted |= {
                s
                for s in _symbols({file.module: file}, flavour)
                if not isinstance(rules.for_symbol(s, flavour), Rule)
            }
    return dict(sources) | {name: brought[name] for name in sorted(brought)}


def _is_model(symbol: str, rules: RuleSet) -> bool:
    """Whether user code means a model by it, and not a function beside the models."""
    leaf = symbol.rpartition(".")[2]
    return leaf[:1].isupper() and not isinstance(rules.for_symbol(symbol), Rule)


def _symbols(sources: Mapping[str, SourceFile], flavour: Flavour | None) -> Iterator[str]:
    """Symbols of the family that the files use."""
    parsed = _parsed(sources)
    table = ProjectTable.build(parsed, SourceApi.load())
    for name, one in parsed.items():
        if "applications" not in sources[name].text:
            continue
        try:
            module = lower(one, table, flavour or detect_flavour(table).flavour).module
        except SourceSyntaxError:
            continue
        part = sources[name].part
        yield from _used(module if part is None else needed_part(module, part)[0])


def _parsed(sources: Mapping[str, SourceFile]) -> dict[str, ParsedModule]:
    """The files that parse; what is wrong with the others is said elsewhere."""
    parsed: dict[str, ParsedModule] = {}
    for name, source in sources.items():
        try:
            parsed[name] = parse_source(source)
        except SourceSyntaxError:
            continue
    return parsed


def _used(module: Module) -> Iterator[str]:
    for node in walk(module):
        symbol = node.symbol if isinstance(node, OpCall) else getattr(node, "path", None)
        if isinstance(node, OpCall | Symbol) and str(symbol).startswith(_FAMILY):
            yield str(symbol)


def _detected(sources: Mapping[str, SourceFile]) -> Flavour:
    return detect_flavour(ProjectTable.build(_parsed(sources), SourceApi.load())).flavour


def _library(flavour: Flavour) -> _Library | None:
    """The applications of the installed Keras; None where there is none of this version."""
    for place in _PLACES[flavour]:
        package, _, inner = place.partition("/")
        spec = find_spec(package)
        for location in (spec.submodule_search_locations if spec is not None else None) or ():
            folder = Path(location, inner) / "applications"
            if folder.is_dir() and (flavour == "keras3") == (folder.parent / _NEWER).is_dir():
                return _Library(folder, _definitions(folder))
    return None


def _definitions(folder: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.py")):
        if path.stem == "__init__" or path.stem.endswith("_test"):
            continue
        text = path.read_text("utf-8", errors="replace")
        for name in _DEFINITION.findall(text):
            found[name] = (*found.get(name, ()), path.stem)
    return found


def _home(sources: Mapping[str, SourceFile]) -> tuple[str, str]:
    """The package that the root of the output is, "" for none, and a folder name that is free."""
    first = next(iter(sources.values()))
    parts = first.module.split(".")
    over = len(parts) + first.is_package - len(first.relative.parts)
    taken = {source.relative.parts[0].removesuffix(".py") for source in sources.values()}
    folder = next((name for name in _FOLDERS if name not in taken), f"{_FOLDERS[-1]}_")
    return "".join(f"{part}." for part in parts[: max(over, 0)]), folder


def _brought(
    library: _Library, module: str, provides: Mapping[str, str], prefix: str, place: str
) -> SourceFile | None:
    """One file of the library, as far as it is needed for what it provides."""
    path = library.folder / f"{module}.py"
    name = f"{prefix}{place}.{module}"
    source = read_source(path, Path(place, f"{module}.py"), name)
    if not isinstance(source, SourceFile):
        return None
    part = needed_part_of(path, name, sorted(set(provides.values())))
    return None if part is None else replace(source, part=part, provides=dict(provides))
