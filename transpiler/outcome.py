"""What the stages have produced, file by file, as results: diagnostics, ledger, status, helpers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..ir.checker import check
from ..ir.names import undefined_names
from ..ir.nodes import Name
from ..ir.span import Span
from ..rules.api import Flavour
from ..rules.language.errors import OVERRIDE, Problem
from ..rules.language.helpers import helper_module
from .diagnostics import Diagnostic, codes
from .files import SourceFile
from .frontend import SourceSyntaxError
from .pipeline import Compilation
from .project import CompiledFile, CompiledProject, Options, Status, internal_error
from .report import LedgerEntry
from .report.build_ledger import build_ledger
from .report.stages import stage_forms

if TYPE_CHECKING:
    from .analysis import Analysis
    from .analysis.proof import Proof

FLAVOURS: Mapping[str, Flavour] = {"2": "keras2", "3": "keras3"}
NO_STAGES: Mapping[str, str] = MappingProxyType({})
PASSES = {
    "class": "functional-graph",
    "factory": "layer-factory",
    "builder": "model-builder",
    "layer": "class-conversion",
    "plain": "rules",
}


def collect(
    sources: Mapping[str, SourceFile], compilation: Compilation, options: Options
) -> CompiledProject:
    """The results, in the order of the sources, and the module of the helpers that they use."""
    findings: dict[str, list[Diagnostic]] = {}
    for finding in compilation.program.findings:
        name = sources[finding.module].name
        code = codes.CODES.get(finding.code, codes.INTERNAL_ERROR)
        diagnostic = code.at(name, finding.span, finding.message, hint=finding.hint)
        findings.setdefault(finding.module, []).append(diagnostic)
    shapes = _shapes(compilation) if options.emit in ("types", "stages") else None
    proof = (
        _proof(compilation, options) if options.prove_shapes or options.annotate_shapes else None
    )
    if proof is not None and options.prove_shapes:
        from .analysis.proof.said import diagnostics_of_proof

        for module, found in diagnostics_of_proof(proof, sources).items():
            findings.setdefault(module, []).extend(found)
    files = tuple(
        _compiled(name, source, compilation, findings.get(name, []), options, (shapes, proof))
        for name, source in sources.items()
    )
    used = {h for emitted in compilation.emitted.values() for h in emitted.helpers}
    extra = {Path(f"{compilation.helper_module}.py"): helper_module(used)} if used else {}
    return CompiledProject(files, (), extra, compilation.flavour.removeprefix("keras"))


def _shapes(compilation: Compilation) -> Analysis:
    """The shape analysis of all modules together."""
    # Imported late: only the forms need it.
    from .analysis import analyse
    from .analysis.type_comments import with_types

    modules = {
        name: with_types(lowered.module, compilation.parsed[name].text)
        for name, lowered in compilation.lowered.items()
    }
    return analyse(modules, compilation.program.rules, compilation.flavour)


def _proof(compilation: Compilation, options: Options) -> Proof:
    """The shapes of the output compared with those of the source."""
    # Imported late: only those who ask for it wait for the analysis.
    from .analysis.given import NOTHING
    from .analysis.proof.compilation import prove_compilation

    return prove_compilation(compilation, given=options.given or NOTHING)


def rule_problems(problems: Iterable[Problem]) -> tuple[Diagnostic, ...]:
    """Mistakes in rule files, warnings about them, and built-in rules that they replace."""
    return tuple(
        codes.CODES[p.code].at(
            p.place.path,
            Span(p.place.line, p.place.column - 1, p.place.line, p.place.column),
            p.message,
            hint=p.hint,
            severity="warning" if p.is_warning and p.code != OVERRIDE else None,
        )
        for p in problems
    )


def _compiled(
    name: str,
    source: SourceFile,
    compilation: Compilation,
    diagnostics: list[Diagnostic],
    options: Options,
    analyses: tuple[Analysis | None, Proof | None],
) -> CompiledFile:
    shapes, proof = analyses
    failure = compilation.failures.get(name)
    if failure is not None:
        return _failed(source, failure)
    try:
        text = compilation.emitted[name].text
        claims = None if proof is None else proof.of_module(name)
        diagnostics = [*diagnostics, *_left_over(name, source, compilation)]
        ledger = _ledger(name, source, compilation)
        if claims and options.prove_shapes:
            from .analysis.proof.said import noted

            ledger = noted(ledger, claims)
        if claims and options.annotate_shapes:
            from .analysis.proof.signatures import annotated

            text = annotated(text, claims)
        stages = NO_STAGES if options.emit is None else _stages(name, source, compilation, shapes)
    # Any exception: one bad file must not take down a run over thousands.
    except Exception as error:
        return internal_error(source, error)
    status = _status(text != source.text, diagnostics, ledger)
    found = tuple(dict.fromkeys(diagnostics))
    shown = claims if options.prove_shapes else None
    return CompiledFile(source.relative, source, text, found, ledger, status, stages, shown)


def _left_over(name: str, source: SourceFile, compilation: Compilation) -> Iterator[Diagnostic]:
    """What the checker finds in the new tree and nothing has reported: names that the source does
    define, and symbols that nothing decided to keep."""
    old, new = compilation.lowered[name].module, compilation.translated[name]
    if new is old:
        return
    problems = check(new, "target")
    if not problems:
        return
    known = {n.id for n in undefined_names(old)}
    program = compilation.program
    said = [f.span for f in program.findings if f.module == name]
    said += [t.span for t in program.translations if t.module == name and t.kind == "kept"]
    for problem in problems:
        place = problem.span
        match problem.kind, problem.node:
            case "undefined-name", Name(id=id) if id in known:
                continue
            case "source-symbol", _ if place and any(s and _holds(s, place) for s in said):
                continue
            case _:
                message = f"the output is not sound: {problem.message}"
                yield codes.IR_INVALID.at(source.name, place, message, hint="report it")


def _holds(outer: Span, inner: Span) -> bool:
    start = (outer.start_line, outer.start_column) <= (inner.start_line, inner.start_column)
    return start and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _failed(source: SourceFile, failure: Exception) -> CompiledFile:
    match failure:
        case SourceSyntaxError(kind="nesting"):
            problem = codes.NESTING_TOO_DEEP.at(source.name, None, failure.message)
        case SourceSyntaxError(message=message, line=line, column=column):
            span = Span(line, column, line, column + 1)
            problem = codes.SYNTAX_ERROR.at(source.name, span, message)
        case SyntaxError():
            problem = codes.OUTPUT_INVALID.at(
                source.name, None, f"the output does not parse: {failure}", hint="report it"
            )
        case _:
            return internal_error(source, failure)
    return CompiledFile(source.relative, source, source.text, (problem,), status="failed")


def _status(
    changed: bool, diagnostics: list[Diagnostic], ledger: tuple[LedgerEntry, ...]
) -> Status:
    if any(d.severity == "error" for d in diagnostics):
        return "partial"
    if any(entry.kind == "unhandled" for entry in ledger):
        return "partial"
    return "translated" if changed else "unchanged"


def _ledger(name: str, source: SourceFile, compilation: Compilation) -> tuple[LedgerEntry, ...]:
    said = [t for t in compilation.program.translations if t.module == name]
    return build_ledger(
        source.name,
        compilation.lowered[name].module,
        source.text,
        compilation.emitted[name],
        said,
        dict(_passes(name, compilation)),
    )


def _passes(name: str, compilation: Compilation) -> Iterator[tuple[Span, str]]:
    """The pass that made what each top-level definition became."""
    program = compilation.program
    for definition in program.definitions(name):
        span = definition.node.span
        if span is not None:
            yield span, PASSES.get(program.plan(definition).kind, "staging")


def _stages(
    name: str, source: SourceFile, compilation: Compilation, shapes: Analysis | None
) -> Mapping[str, str]:
    annotated = ""
    if shapes is not None:
        from .analysis.annotate import annotated_source

        annotated = annotated_source(
            source.text, name, shapes.types, shapes.assumptions, shapes.conflicts
        )
    return stage_forms(
        compilation.parsed[name],
        compilation.lowered[name].module,
        compilation.translated[name],
        compilation.program.facts,
        annotated,
    )
