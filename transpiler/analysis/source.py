"""Source files to an analysis: parse, resolve, lower, follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ...ir.nodes import Module
from ...rules.api import Flavour, SourceApi
from ...rules.language.ruleset import RuleSet
from ..files import SourceFile
from ..frontend import (
    ParsedModule,
    ProjectTable,
    SourceSyntaxError,
    detect_flavour,
    lower,
    parse_module,
    parse_source,
)
from ..own_modules import project_api
from .entry import Analysis, analyse
from .facts import Facts
from .type_comments import with_types


@dataclass(frozen=True, slots=True)
class Analysed:
    """An analysis and the modules it was made of; `unparsed` holds those that do not parse."""

    analysis: Analysis
    modules: Mapping[str, Module]
    unparsed: Mapping[str, SourceSyntaxError]


def analyse_sources(
    sources: Mapping[str, SourceFile],
    rules: RuleSet,
    flavour: Flavour | None = None,
    facts: Facts | None = None,
) -> Analysed:
    """Analyses files by module name; `flavour` None: detected."""
    modules, unparsed, found = _lowered(sources, flavour)
    return Analysed(analyse(modules, rules, found, facts=facts), modules, unparsed)


def lowered_sources(
    sources: Mapping[str, SourceFile], flavour: Flavour | None = None
) -> tuple[dict[str, Module], dict[str, SourceSyntaxError]]:
    """The files as modules by name, and those that do not parse."""
    modules, unparsed, _ = _lowered(sources, flavour)
    return modules, unparsed


def _lowered(
    sources: Mapping[str, SourceFile], flavour: Flavour | None
) -> tuple[dict[str, Module], dict[str, SourceSyntaxError], Flavour]:
    parsed: dict[str, ParsedModule] = {}
    unparsed: dict[str, SourceSyntaxError] = {}
    for name, source in sources.items():
        try:
            parsed[name] = parse_source(source)
        except SourceSyntaxError as error:
            unparsed[name] = error
    table = ProjectTable.build(parsed, project_api(SourceApi.load(), parsed))
    chosen = flavour or detect_flavour(table).flavour
    modules: dict[str, Module] = {}
    for name, module in parsed.items():
        try:
            modules[name] = with_types(lower(module, table, chosen).module, module.text)
        except SourceSyntaxError as error:
            unparsed[name] = error
    return modules, unparsed, chosen


def flavour_of(sources: Iterable[SourceFile]) -> Flavour:
    """The Keras version that the files are written for."""
    parsed: dict[str, ParsedModule] = {}
    for source in sources:
        with suppress(SourceSyntaxError):
            parsed[source.module] = parse_source(source)
    return detect_flavour(ProjectTable.build(parsed, SourceApi.load())).flavour


def analyse_text(text: str, rules: RuleSet | None = None, flavour: Flavour = "keras3") -> Analysis:
    """Analyses one module that stands alone. Raises SourceSyntaxError."""
    parsed = parse_module(text, name="module", path="module.py")
    table = ProjectTable.build({"module": parsed}, SourceApi.load())
    module = with_types(lower(parsed, table, flavour).module, text)
    return analyse({"module": module}, rules or RuleSet.load(), flavour)
