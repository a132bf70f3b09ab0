"""`tfjax-compile verify PATH...`: nothing is written, the verdicts are printed."""

from __future__ import annotations

from typing import Any

import click

from .console import Console
from .options import shared_options
from .run import Request, run


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
def verify_command(
    paths: tuple[str, ...], form: Any, color: str, verbose: int, quiet: bool, **given: Any
) -> int:
    """Compile in memory, then run the source and the result and compare them.

    What is run is said by [[tool.tfjax.verify]] tables, or found in the source."""
    if not paths:
        raise click.UsageError("name a file or a directory to verify")
    console = Console(form, color, verbose, quiet, given["report_path"] == "-")
    return run(Request(paths=paths, console=console, verify=True, check=True, **given))
