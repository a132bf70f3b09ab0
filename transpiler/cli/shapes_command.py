"""`tfjax-compile shapes PATH...`: the source with its inferred types, and the conflicts in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import Diagnostic, codes
from .config import FLAVOURS, ConfigError, load_config
from .console import Console, write_stdout
from .inputs import Search, read_inputs
from .options import number_of_bytes

if TYPE_CHECKING:
    from ...rules.api import Flavour
    from ..analysis.given import Given
    from ..analysis.source import Analysed
    from ..files import SourceFile

OK, LEFT, USAGE = 0, 1, 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--check", is_flag=True, help="Report conflicts only; print no source.")
@click.option("--keras", type=click.Choice(FLAVOURS), help="Keras version of the source.")
@click.option("--root", "roots", multiple=True, metavar="DIR", help="Where imports start from.")
@click.option("--follow-imports", is_flag=True, help="Read what the named files import, too.")
@click.option(
    "--rules", multiple=True, metavar="PATH", help="Rules that override the built-in ones."
)
@click.option(
    "--max-file-size", callback=number_of_bytes, metavar="SIZE", help="Refuse larger files."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "plain", "json", "github", "sarif")),
    default="text",
    help="Form of the diagnostics.",
)
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto")
@click.option("--config", "config_path", metavar="FILE", help="Settings from this file.")
@click.option(
    "--observe",
    is_flag=True,
    help="Run the programs of the settings, or those that are found, and take what is seen.",
)
@click.option("-v", "--verbose", count=True, help="What was not followed to its end.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only.")
def shapes_command(paths: tuple[str, ...], **given: Any) -> int:
    """Infer the shapes and dtypes of a program, and report those that contradict each other.

    Exit codes: 0 no conflict; 1 conflicts, or files that cannot be read; 2 usage error."""
    if not paths:
        raise click.UsageError("name a file or a directory")
    if given["quiet"] and given["verbose"]:
        raise click.UsageError("-q and -v contradict each other")
    printed = not given["check"]
    console = Console(given["form"], given["color"], given["verbose"], given["quiet"], printed)
    search = Search(tuple(Path(root) for root in given["roots"]), given["follow_imports"])
    inputs = read_inputs(paths, given["max_file_size"], None, search)
    sources = {source.name: source.text for source in inputs.sources}
    if inputs.usage_error:
        console.show(inputs.diagnostics, sources)
        return USAGE
    told, problems = _told(inputs.sources, paths, given)
    named, analysed = _analysed(inputs.sources, given["keras"], given["rules"], told)
    names = {module: source.name for module, source in named.items()}
    found = [*inputs.diagnostics, *problems]
    found += _diagnostics(analysed, names, given["verbose"] > 0)
    if printed:
        _print(named, analysed)
    console.show(found, sources)
    if totals := console.totals(found):
        console.say(totals)
    return LEFT if any(d.severity == "error" for d in found) else OK


def _told(
    sources: tuple[SourceFile, ...], paths: tuple[str, ...], given: dict[str, Any]
) -> tuple[Given, list[Diagnostic]]:
    """What the settings and, if asked for, a run of the programs tell."""
    from ..analysis.given import NOTHING
    from ..analysis.source import flavour_of
    from .told import told

    explicit = given["config_path"]
    try:
        config = load_config(Path(paths[0]), None if explicit is None else Path(explicit))
    except ConfigError as error:
        return NOTHING, [error.diagnostic]
    keras = given["keras"] or config.keras
    if not given["observe"] and not config.verify:
        return NOTHING, []
    flavour = flavour_of(sources) if keras in (None, "auto") else keras
    return told(config, sources, flavour, given["observe"])


def _analysed(
    sources: tuple[SourceFile, ...], keras: str | None, rules: tuple[str, ...], given: Given
) -> tuple[dict[str, SourceFile], Analysed]:
    # Imported late: usage errors must not wait for the analysis.
    from ...rules.language.errors import RuleError
    from ...rules.language.ruleset import RuleSet
    from ..analysis.source import analyse_sources
    from ..files import SourceFile
    from ..project import by_module

    flavours: dict[str, Flavour] = {"2": "keras2", "3": "keras3"}
    named = by_module(sources)
    try:
        loaded = RuleSet.load(extra=tuple(Path(path) for path in rules))
    except RuleError as error:
        raise click.UsageError(str(error)) from error
    callers = {
        name: SourceFile(Path(f"{name}.py"), Path(f"{name}.py"), text, module=name)
        for name, text in given.callers.items()
    }
    flavour = flavours.get(keras or "auto")
    return named, analyse_sources({**named, **callers}, loaded, flavour, given.observed.facts)


def _diagnostics(analysed: Analysed, names: dict[str, str], verbose: bool) -> list[Diagnostic]:
    from ..analysis import diagnostics_of

    found = diagnostics_of(analysed.analysis.conflicts, names)
    for module, error in analysed.unparsed.items():
        found.append(codes.SYNTAX_ERROR.at(names[module], None, error.message))
    for module, error in analysed.analysis.failures.items():
        message = f"internal error: {type(error).__name__}: {error}"
        found.append(codes.INTERNAL_ERROR.at(names.get(module, module), None, message))
    if verbose:
        for definition in analysed.analysis.exhausted:
            module = next((m for m in names if definition.startswith(m)), definition)
            message = f"`{definition}` was not followed to its end"
            found.append(
                codes.SHAPE_UNPROVED.at(names.get(module, module), None, message, severity="note")
            )
    return found


def _print(named: dict[str, SourceFile], analysed: Analysed) -> None:
    from ..analysis.annotate import annotated_source

    analysis = analysed.analysis
    for module, source in named.items():
        heading = f"# ==> {source.name} <==\n" if len(named) > 1 else ""
        text = annotated_source(
            source.text, module, analysis.types, analysis.assumptions, analysis.conflicts
        )
        write_stdout((heading + text).encode("utf-8", "surrogateescape"))
