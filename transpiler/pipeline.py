"""The stages of the compiler, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..ir.nodes import Module
from ..rules.api import SourceApi
from ..rules.language.ruleset import RuleSet
from .emit import Emitted, EmitOptions, TargetNames, emit_module
from .files import SourceFile
from .frontend import (
    Lowered,
    ParsedModule,
    ProjectTable,
    SourceSyntaxError,
    detect_flavour,
    lower,
    parse_source,
)
from .staging.modules import translate_module
from .staging.program import ModuleInput, Program

SOURCE_ROOTS = frozenset({"tensorflow", "keras", "tf_keras"})


@dataclass(slots=True)
class Compilation:
    """Everything the stages have produced, by module name."""

    sources: Mapping[str, SourceFile]
    parsed: dict[str, ParsedModule]
    errors: dict[str, SourceSyntaxError]
    flavour: str
    lowered: dict[str, Lowered]
    program: Program
    translated: dict[str, Module]
    emitted: dict[str, Emitted]


def run(
    sources: Sequence[SourceFile], rules: RuleSet, flavour: str = "auto", helper_module: str = "tf_compat"
) -> Compilation:
    """parse -> resolve and lower -> stage and rewrite -> emit. A file with a syntax error is left out of the rest."""
    by_name = {s.module: s for s in sources}
    parsed: dict[str, ParsedModule] = {}
    errors: dict[str, SourceSyntaxError] = {}
    for name, source in by_name.items():
        try:
            parsed[name] = parse_source(source)
        except SourceSyntaxError as error:
            errors[name] = error
    api = SourceApi.load()
    table = ProjectTable.build(parsed, api)
    chosen = {"2": "keras2", "3": "keras3"}.get(flavour) or detect_flavour(table).flavour
    lowered: dict[str, Lowered] = {}
    for name, module in parsed.items():
        try:
            lowered[name] = lower(module, table, "keras2" if chosen == "keras2" else "keras3")
        except SourceSyntaxError as error:
            errors[name] = error
    inputs = {
        name: ModuleInput(one.module, frozenset(one.api_bindings.modules)) for name, one in lowered.items()
    }
    program = Program(inputs, api, rules, chosen)
    translated = {name: translate_module(program, name) for name in lowered}
    names = TargetNames(is_source=is_source_module, renamed=program.renamed, is_project=lambda m: m in by_name)
    emitted = {
        name: emit_module(
            tree,
            lowered[name].module,
            by_name[name].text,
            names,
            EmitOptions(helper_module=_helper_path(name, by_name[name], helper_module)),
        )
        for name, tree in translated.items()
    }
    return Compilation(by_name, parsed, errors, chosen, lowered, program, translated, emitted)


def is_source_module(module: str) -> bool:
    return module.partition(".")[0] in SOURCE_ROOTS


def _helper_path(module: str, source: SourceFile, helper_module: str) -> str:
    """Helpers stand at the root of the output tree."""
    return helper_module
