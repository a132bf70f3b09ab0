"""`tfjax-compile PATH... -o OUT`, the default command."""

from __future__ import annotations

from typing import Any

import click

from .commands import summaries
from .console import Console
from .options import shared_options
from .version import tool_version

EPILOG = f"""\b
Commands (the first word):
{summaries()}

\b
Exit codes: 0 all translated (and verified, if asked); 1 something is left or
differs; 2 usage or internal error."""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
@click.option("-o", "--output", metavar="OUT", help="Directory, file.py, or - for stdout.")
@click.option("--check", is_flag=True, help="Compile, write nothing.")
@click.option("--diff", is_flag=True, help="Print a diff, write nothing.")
@click.option(
    "--emit",
    type=click.Choice(("ir", "types", "stages", "python")),
    help="Print this form to standard output.",
)
@click.option("--verify", is_flag=True, help="Run the source and the output, and compare.")
@click.option(
    "--prove-shapes",
    is_flag=True,
    help="Prove that the output's shapes and dtypes are the source's, for all sizes.",
)
@click.option(
    "--annotate-shapes", is_flag=True, help="Write known shapes into signatures (jaxtyping)."
)
@click.option(
    "--observe",
    is_flag=True,
    help="Run the source once, for shapes that the proof cannot infer (--prove-shapes).",
)
@click.option("--in-place", is_flag=True, help="Allow OUT to lie in the input.")
@click.option("--explain", metavar="CODE", help="Explain a diagnostic such as TJ2001.")
@click.option("--version", is_flag=True, help="Print the version.")
def compile_command(**given: Any) -> int:
    """Compile TensorFlow 2 / Keras source code to JAX + Flax NNX source code.

    PATH is a file, a directory, or - for standard input."""
    explain = given.pop("explain")
    if given.pop("version"):
        click.echo(f"tfjax-compile {tool_version()}")
        return 0
    if explain is not None:
        from .explain import print_explanation

        print_explanation(explain, given["color"])
        return 0
    return _compile(**given)


def _compile(
    paths: tuple[str, ...], form: Any, color: str, verbose: int, quiet: bool, **given: Any
) -> int:
    from .run import Request, run

    output, prints = given["output"], given["diff"] or given["emit"] is not None
    if not paths:
        raise click.UsageError("name a file or a directory to compile; --help shows the options")
    if output is None and paths == ("-",):
        output = given["output"] = "-"
    if output is None and not (given["check"] or prints or given["verify"]):
        raise click.UsageError("say where to write: -o OUT (or --check, --diff, --emit)")
    if given["diff"] and given["emit"] is not None:
        raise click.UsageError("--diff and --emit both print to standard output: choose one")
    if output == "-" and (len(paths) != 1 or _is_directory(paths[0])):
        raise click.UsageError("-o - prints one file: name one file")
    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other")
    taken = prints or (output == "-" and not given["check"]) or given["report_path"] == "-"
    console = Console(form, color, verbose, quiet, taken)
    return run(Request(paths=paths, console=console, **given))


def _is_directory(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_dir()
