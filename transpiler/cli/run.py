"""One run of the compiler from the command line: read, compile, verify, hand over, report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, codes
from ..files import OutputError, OutputFile, check_apart, real_path, write_file, write_tree
from .config import Config, ConfigError, load_config
from .console import Console, write_stdout
from .inputs import Inputs, Search, read_inputs
from .outputs import diff_text, is_file_output, output_files, stage_text
from .version import tool_version

if TYPE_CHECKING:
    from ..analysis.given import Given
    from ..analysis.proof import Claim
    from ..fills import Fill
    from ..project import CompiledFile, CompiledProject, DriverFacts, Options
    from ..verify.options import VerifyOptions
    from .verification import VerifyResult

OK, LEFT, USAGE = 0, 1, 2
RULE_MISTAKES = frozenset(("TJ3010", "TJ3011", "TJ3012"))


@dataclass(frozen=True, slots=True)
class Request:
    """A command line, checked."""

    paths: tuple[str, ...]
    console: Console
    output: str | None = None
    check: bool = False
    diff: bool = False
    emit: str | None = None
    report_path: str | None = None
    verify: bool = False
    keras: str | None = None
    target: str | None = None
    max_file_size: int | None = None
    config_path: str | None = None
    in_place: bool = False
    roots: tuple[str, ...] = ()
    follow_imports: bool = False
    rules: tuple[str, ...] = ()
    fills: str | None = None
    config_methods: str | None = None
    prove_shapes: bool = False
    annotate_shapes: bool = False
    observe: bool = False
    driver: str | None = None
    driver_inputs: str | None = None
    verification: VerifyOptions | None = None
    junit_path: str | None = None


def run(request: Request) -> int:
    """Does what was asked and returns the exit code."""
    try:
        return _run(request)
    except (ConfigError, OutputError) as error:
        request.console.show([error.diagnostic], {})
        return USAGE


def _run(request: Request) -> int:
    config = _config(request)
    output = _output_path(request)
    inputs = _inputs(request, config, output)
    sources = {source.name: source.text for source in inputs.sources}
    if inputs.usage_error:
        request.console.show(inputs.diagnostics, sources)
        return USAGE
    project, options = _compile(request, config, inputs)
    results = _verify(request, project, config, options)
    files, unencodable = output_files(project)
    unread = [*inputs.diagnostics, *unencodable]
    diagnostics = [
        *unread,
        *project.diagnostics,
        *(d for file in project.files for d in file.diagnostics),
        *(d for result in results or () for d in result.diagnostics),
    ]
    inputs_there = {real_path(source.path) for source in inputs.sources}
    if output is not None:
        protect = () if request.in_place else inputs_there
        if request.output is not None and is_file_output(request.output, request.paths):
            main = [f for f in files if f.relative == project.files[0].path]
            extra = [f for f in files if f not in main]
            renamed = [type(f)(Path(output.name), f.data, f.executable) for f in main]
            write_tree(output.parent, [*renamed, *extra], protect)
        else:
            write_tree(output, files, protect)
    _print(request, project, files)
    if request.report_path is not None:
        data = _report(project, options, unread, results)
        if request.report_path == "-":
            write_stdout(data)
        else:
            write_file(Path(request.report_path), data, inputs_there)
    if request.junit_path is not None:
        from .junit import junit

        write_file(Path(request.junit_path), junit(results or ()), inputs_there)
    request.console.show(diagnostics, sources)
    _talk(request, project, diagnostics, results)
    return _exit_code(project, diagnostics, results)


def _config(request: Request) -> Config:
    explicit = Path(request.config_path) if request.config_path is not None else None
    first = next((Path(path) for path in request.paths if path != "-"), Path())
    return load_config(first if first.is_dir() else first.parent, explicit)


def _output_path(request: Request) -> Path | None:
    """Where to write; None when nothing is written. Raises OutputError when that is the input."""
    if request.output in (None, "-") or request.check or request.diff:
        return None
    output = Path(str(request.output))
    named = [Path(path) for path in request.paths if path != "-"]
    problem = None if request.in_place else check_apart(output, named)
    if problem is not None:
        raise OutputError(problem)
    return output


def _inputs(request: Request, config: Config, output: Path | None) -> Inputs:
    limit = request.max_file_size
    limit = config.max_file_size if limit is None else limit
    roots = tuple(Path(root) for root in request.roots)
    return read_inputs(request.paths, limit, output, Search(roots, request.follow_imports))


def _compile(request: Request, config: Config, inputs: Inputs) -> tuple[CompiledProject, Options]:
    # Imported late: usage errors, --version and --explain must not wait for the compiler.
    from .. import project as compiler

    told = _told(request, config, inputs)
    options = compiler.Options(
        flavour=request.keras or config.keras or "auto",
        target=request.target or config.target or "nnx",
        emit=request.emit,
        rules=rule_paths(request.rules, config),
        drivers=_drivers(request, inputs),
        fills=_fills(request),
        config_methods=request.config_methods or config.config_methods or "drop",
        prove_shapes=request.prove_shapes,
        annotate_shapes=request.annotate_shapes,
        given=told,
    )
    return compiler.compile_project(inputs.sources, options), options


def _told(request: Request, config: Config, inputs: Inputs) -> Given | None:
    """What the proof is told beside the source; None when nothing is proved."""
    if not (request.prove_shapes or request.annotate_shapes):
        return None
    from ..analysis.source import flavour_of
    from .told import told

    stated = request.keras or config.keras
    flavour = flavour_of(inputs.sources) if stated in (None, "auto") else stated
    given, problems = told(config, inputs.sources, flavour, request.observe)
    request.console.show(problems, {})
    return given


def rule_paths(given: Sequence[str], config: Config) -> tuple[Path, ...]:
    """The rules beside the built-in ones: of installed packages, of the project, of this command;
    a later one overrides. Raises ConfigError."""
    from ...rules.language.errors import RuleError
    from ...rules.language.installed import installed_rules

    try:
        installed = installed_rules()
    except RuleError as error:
        problem = error.problems[0]
        raise ConfigError(codes.RULE_SYNTAX.at(problem.place.path, None, problem.message)) from None
    return (*installed, *config.rules, *(Path(path) for path in given))


def _fills(request: Request) -> tuple[Fill, ...]:
    """The code of `--fills`. Raises ConfigError for a file that holds none."""
    if request.fills is None:
        return ()
    from ..fills_file import FillsError, read_fills

    try:
        return read_fills(Path(request.fills))
    except FillsError as error:
        raise ConfigError(codes.INVALID_CONFIG.at(request.fills, None, str(error))) from None


def _drivers(request: Request, inputs: Inputs) -> tuple[DriverFacts, ...]:
    """What `--driver FILE --driver-inputs JSON` says of one of the files."""
    if request.driver is None:
        return ()
    from .. import project as compiler

    given = json.loads(request.driver_inputs or "{}")
    path = real_path(Path(request.driver))
    return tuple(
        compiler.DriverFacts(
            source.module,
            inputs={name: (dtype, tuple(shape)) for name, (dtype, shape) in given.items()},
        )
        for source in inputs.sources
        if real_path(source.path) == path
    )


def _verify(
    request: Request, project: CompiledProject, config: Config, options: Options
) -> list[VerifyResult] | None:
    if not request.verify:
        return None
    from .verification import run_verification

    wanted = request.verification
    if wanted is None:
        from ..verify.options import VerifyOptions

        wanted = VerifyOptions()
    return run_verification(project, config, options, wanted)


def _print(request: Request, project: CompiledProject, files: Sequence[OutputFile]) -> None:
    if request.diff:
        for file in project.files:
            write_stdout(diff_text(file).encode("utf-8", "surrogateescape"))
    if request.emit is not None:
        write_stdout(stage_text(project.files, request.emit).encode("utf-8"))
    elif request.output == "-" and not request.check and not request.diff:
        for file in files:
            if any(file.relative == compiled.path for compiled in project.files):
                write_stdout(file.data)


def _report(
    project: CompiledProject,
    options: Options,
    diagnostics: Sequence[Diagnostic],
    results: Sequence[VerifyResult] | None,
) -> bytes:
    from ...rules.language.files import name_of
    from ..report.document import build_report, report_bytes

    return report_bytes(
        build_report(
            project,
            tool_version=tool_version(),
            options={
                "keras": options.flavour,
                "target": options.target,
                "config-methods": options.config_methods,
                "rules": [name_of(path) for path in options.rules],
            },
            diagnostics=diagnostics,
            verification=None if results is None else [dict(r.data) for r in results],
        )
    )


def _talk(
    request: Request,
    project: CompiledProject,
    diagnostics: Sequence[Diagnostic],
    results: Sequence[VerifyResult] | None,
) -> None:
    console = request.console
    if console.verbose:
        for file in project.files:
            console.say(_line(file))
            for claim in file.claims or ():
                console.say(_claim_line(claim))
            if file.traceback:
                console.say(file.traceback.rstrip())
    if request.prove_shapes:
        claims = [c for file in project.files for c in file.claims or ()]
        verdicts = Counter(c.verdict for c in claims)
        uncalled = sum(c.verdict == "unknown" and not c.called for c in claims)
        texts = [f"{verdicts[v]} {v}" for v in ("proved", "unknown", "refuted")]
        texts[1] += f" ({uncalled} that nothing calls)" if uncalled else ""
        console.say(f"shapes of functions: {', '.join(texts)}")
    if results:
        from .verification import table

        console.say(table(results))
    counts = Counter(file.status for file in project.files)
    parts = [f"{n} {status}" for status, n in sorted(counts.items())]
    n = len(project.files)
    summary = f"{n} file{'s' * (n != 1)}: {', '.join(parts)}" if n else "no file was compiled"
    totals = console.totals(diagnostics)
    console.say(f"{summary}; {totals}" if totals else summary)


def _claim_line(claim: Claim) -> str:
    dtype = " (but for 64-bit types)" if claim.dtype == "x64" else ""
    reason = f": {claim.reason}" if claim.reason else ""
    return f"  shapes {claim.verdict:<8} {claim.name}{dtype}{reason}"


def _line(file: CompiledFile) -> str:
    kinds = Counter(entry.kind for entry in file.ledger)
    detail = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    return f"{file.status:<10} {file.source.name}" + (f" ({detail})" if detail else "")


def _exit_code(
    project: CompiledProject,
    diagnostics: Sequence[Diagnostic],
    results: Sequence[VerifyResult] | None,
) -> int:
    if any(d.code.startswith("TJ9") for d in diagnostics):
        return USAGE
    if any(d.code in RULE_MISTAKES and d.severity == "error" for d in project.diagnostics):
        return USAGE
    left = (
        any(d.severity == "error" for d in diagnostics)
        or any(file.status in ("partial", "failed") for file in project.files)
        or any(e.kind == "unhandled" for file in project.files for e in file.ledger)
        or any(not result.passed for result in results or ())
    )
    return LEFT if left else OK
