"""Many files at once: what the command line, the cache and the workers call."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from .diagnostics import Diagnostic, codes
from .files import SourceFile
from .report import LedgerEntry

if TYPE_CHECKING:
    from ..rules.language.ruleset import RuleSet
    from .analysis.given import Given
    from .analysis.proof import Claim
    from .fills import Fill

Status = Literal["unchanged", "translated", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """A module whose functions `call(model, ...)` and `call_in_training(model, ...)` are given what
    its function `build()` makes, and arrays of these dtypes and shapes: `inputs` maps their
    parameters to them."""

    module: str
    build: str = "build"
    calls: tuple[str, ...] = ("call", "call_in_training")
    inputs: Mapping[str, tuple[str, tuple[int, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )


@dataclass(frozen=True, slots=True)
class Options:
    """What the user can choose about a compilation.

    `flavour`: the Keras version of the source, "2", "3" or "auto"; `target`: the back end;
    `emit`: the intermediate form to fill `CompiledFile.stages` with, None for none; `rules`: rule
    files and folders that override the built-in ones; `drivers`: modules that say how others are
    used; `fills`: code for places that nothing else translates.
    """

    flavour: str = "auto"
    target: str = "nnx"
    emit: str | None = None
    rules: tuple[Path, ...] = ()
    drivers: tuple[DriverFacts, ...] = ()
    fills: tuple[Fill, ...] = ()
    # `get_config` and `from_config` of layers: "drop" or "keep" as plain methods.
    config_methods: str = "drop"
    # Follow the output, too, and compare shapes and dtypes with the source's.
    prove_shapes: bool = False
    # Write shapes that are known into the signatures of the output.
    annotate_shapes: bool = False
    # What the proof is told beside the source.
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """The result for one file; `path` is relative to the output root.

    A "failed" file has the source's text and is not written.
    """

    path: Path
    source: SourceFile
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    status: Status = "translated"
    stages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # With `prove_shapes`: what was found out about each function; None when it was not asked for.
    claims: tuple[Claim, ...] | None = None
    # The Python traceback of an internal error, shown with -v only: it holds machine paths.
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledProject:
    """All files, in the order of the sources, then those that came along from the user's
    environment; `diagnostics` are those of no single file.

    `extra` holds files that come from no source (helpers that the output carries along), by path
    relative to the output root. `flavour` is the Keras version it was compiled for.
    """

    files: tuple[CompiledFile, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    extra: Mapping[Path, str] = field(default_factory=lambda: MappingProxyType({}))
    flavour: str = "3"


def compile_project(
    sources: Sequence[SourceFile], options: Options, rules: RuleSet | None = None
) -> CompiledProject:
    """Compiles the sources together; an exception in one becomes TJ9001 there and the others go on.

    `rules` are loaded from the built-in ones and `options.rules` if not given.
    """
    # Imported late: `--version` and `--explain` must not pay for the compiler.
    from ..rules.language.errors import RuleError
    from ..rules.language.files import is_under
    from ..rules.language.ruleset import RuleSet
    from . import outcome, pipeline
    from .applications import with_applications

    named = by_module(sources)
    try:
        rules = rules or RuleSet.load(extra=options.rules)
    except RuleError as error:
        failed = [CompiledFile(s.relative, s, s.text, status="failed") for s in named.values()]
        return CompiledProject(tuple(failed), outcome.rule_problems(error.problems))
    flavour = outcome.FLAVOURS.get(options.flavour)
    named = with_applications(named, rules, flavour)
    drivers = {facts.module: facts for facts in options.drivers}
    fills = {fill.key: fill for fill in options.fills}
    compilation = pipeline.run(
        named, rules, flavour, drivers, fills, options.config_methods == "keep"
    )
    project = outcome.collect(named, compilation, options)
    said = outcome.rule_problems(p for p in rules.problems if is_under(p.place.path, options.rules))
    return replace(project, diagnostics=(*said, *project.diagnostics))


def by_module(sources: Sequence[SourceFile]) -> dict[str, SourceFile]:
    """The sources by module name; files of equal name (`a/run.py`, `b/run.py`) are told apart by
    their place in the tree."""
    counts = Counter(source.module for source in sources)
    named: dict[str, SourceFile] = {}
    for source in sources:
        if not source.module or counts[source.module] > 1:
            parts = source.relative.with_suffix("").parts
            source = replace(source, module=".".join(parts))
        named[source.module] = source
    return named


def internal_error(source: SourceFile, error: Exception) -> CompiledFile:
    """The result for a file in which the compiler itself failed."""
    if isinstance(error, RecursionError):
        deep = codes.NESTING_TOO_DEEP.at(source.name, None, "the source nests too deeply")
        return CompiledFile(source.relative, source, source.text, (deep,), status="failed")
    summary = str(error).strip().split("\n", 1)[0][:200]
    message = f"internal error: {type(error).__name__}" + (f": {summary}" if summary else "")
    diagnostic = codes.INTERNAL_ERROR.at(
        source.name, None, message, hint="run again with -v for the traceback, and report it"
    )
    return CompiledFile(
        source.relative,
        source,
        source.text,
        (diagnostic,),
        status="failed",
        traceback="".join(traceback.format_exception(error)),
    )
