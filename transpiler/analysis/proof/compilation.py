"""The proof of a compilation: the emitted text is read again, with the helpers that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from ....ir.nodes import Module
from ....rules.api import SourceApi
from ....rules.language.helpers import helper_module
from ...emit import Emitted
from ...frontend import ParsedModule, ProjectTable, lower, parse_module
from ...own_modules import project_api
from ...pipeline import Compilation
from ..entry import Analysis, deep_recursion, follow, make_machine
from ..given import NOTHING, Given
from ..machine import Machine
from ..relevant import concerned
from ..type_comments import with_types
from .claims import Proof
from .entries import Recorder
from .pairs import Pair
from .run import prove
from .translated import Translated

KINDS = ("layer", "class", "factory", "builder", "plain")


@dataclass(frozen=True, slots=True)
class Analysed:
    """The source of a compilation, followed. `only`: the functions that may have to do with
    tensors, where nothing but the source tells of arguments."""

    compilation: Compilation
    machine: Machine
    recorder: Recorder
    analysis: Analysis
    only: Set[int] | None


def prove_compilation(
    compilation: Compilation, texts: Mapping[str, str] | None = None, given: Given = NOTHING
) -> Proof:
    """`texts`: by module, other text than what was emitted (a translation that was changed)."""
    return proof_of(analysed(compilation, given), texts)


def analysed(compilation: Compilation, given: Given = NOTHING) -> Analysed:
    """The analysis of the source that a proof builds on."""
    sources = {
        name: with_types(lowered.module, compilation.parsed[name].text)
        for name, lowered in compilation.lowered.items()
    }
    sources |= _callers(compilation, given.callers)
    rules, facts = compilation.program.rules, given.observed.facts
    machine = make_machine(sources, rules, compilation.flavour, facts)
    machine.watch = recorder = Recorder(machine)
    # Types are not shown.
    machine.log.shows = False
    # What a run told of arguments may be of any function.
    only = None if facts else concerned(sources)
    analysis = follow(machine, sources, only)
    return Analysed(compilation, machine, recorder, analysis, only)


def proof_of(source: Analysed, texts: Mapping[str, str] | None = None) -> Proof:
    """The proof of what was emitted, or of other `texts` by module."""
    with deep_recursion():
        compilation = source.compilation
        emitted = {name: e.text for name, e in compilation.emitted.items()} | dict(texts or {})
        changed = {n for n, text in emitted.items() if text != compilation.parsed[n].text}
        pairs = [p for n in compilation.parsed if n in changed for p in _pairs(compilation, n)]
        # Of a text that was changed it is not told where gaps are.
        known = {n: e for n, e in compilation.emitted.items() if emitted[n] == e.text}
        targets = read_translated(compilation, {n: emitted[n] for n in changed}, known)
        machine, recorder = source.machine, source.recorder
        return prove(machine, recorder, targets, pairs, targets.gaps, source.only)


def _callers(compilation: Compilation, texts: Mapping[str, str]) -> dict[str, Module]:
    """Modules that are no part of the project, and see it."""
    if not texts:
        return {}
    made = {name: parse_module(text, name=name, path="") for name, text in texts.items()}
    parsed = {**compilation.parsed, **made}
    table = ProjectTable.build(parsed, project_api(SourceApi.load(), parsed))
    return {n: lower(module, table, compilation.flavour).module for n, module in made.items()}


def read_translated(
    compilation: Compilation,
    texts: Mapping[str, str],
    emitted: Mapping[str, Emitted] | None = None,
) -> Translated:
    """The modules with these texts, and those that are as they were, as IR; those of `emitted`
    without gaps."""
    parsed: dict[str, ParsedModule] = {}
    for name, source in compilation.parsed.items():
        text = texts.get(name)
        if text is None:
            parsed[name] = source
            continue
        parsed[name] = parse_module(text, name=name, path=source.path, is_package=source.is_package)
    used = {h for e in compilation.emitted.values() for h in e.helpers}
    if used:
        for name in helper_names(compilation):
            parsed[name] = parse_module(helper_module(used), name=name, path="")
    table = ProjectTable.build(parsed, project_api(SourceApi.load(), parsed))
    return Translated(parsed, table, compilation.flavour, emitted or {})


def helper_names(compilation: Compilation) -> set[str]:
    """The helper module as absolute and relative imports find it."""
    roots = {name.partition(".")[0] for name in compilation.parsed if "." in name}
    return {
        compilation.helper_module,
        *(f"{root}.{compilation.helper_module}" for root in roots),
    }


def _pairs(compilation: Compilation, module: str) -> Iterator[Pair]:
    program = compilation.program
    for definition in program.definitions(module):
        plan = program.plan(definition)
        if plan.kind in KINDS:
            names = tuple(t.name for t in plan.tensors)
            yield Pair(module, definition.name, plan.name, plan.kind, names)
