"""`tfjax-compile verify PATH...`: nothing of the output is written, the verdicts are printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..verify.limits import Limits
from ..verify.modes import SUMMARIES, Mode, parse_modes
from ..verify.options import VerifyOptions
from .console import Console
from .options import number_of_bytes, shared_options
from .run import Request, run

_LIST = "\n".join(f"  {name:<11} {text}" for name, text in SUMMARIES.items())
EPILOG = f"""\b
Modes:
{_LIST}

\b
Exit codes: 0 everything is proved; 1 a difference, an error, or nothing to
verify; 2 usage or internal error."""


def _modes(_: click.Context, __: click.Parameter, value: str) -> tuple[Mode, ...]:
    try:
        return parse_modes(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
@click.option(
    "--mode",
    "modes",
    default="all",
    callback=_modes,
    metavar="MODE,...",
    help="What is compared (default: all; basic: outputs, gradients, state).",
)
@click.option("--against", metavar="DIR", help="Run the files of this output, as they lie there.")
@click.option("--oracle", metavar="DIR", help="Prove the output PATH by a frozen oracle.")
@click.option("--save-oracle", metavar="DIR", help="Write a frozen oracle.")
@click.option("--layers", is_flag=True, help="Keep every layer's output in the frozen oracle.")
@click.option("--write-tests", metavar="DIR", help="Write a pytest file that proves it again.")
@click.option("--junit", "junit_path", metavar="FILE", help="Write a JUnit report.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=2, help="Cases at a time.")
@click.option(
    "--platform",
    type=click.Choice(("cpu", "gpu", "tpu")),
    default="cpu",
    help="Where the JAX side runs.",
)
@click.option("--timeout", type=click.FloatRange(1), default=300.0, help="Seconds a worker has.")
@click.option(
    "--memory", callback=number_of_bytes, default="12GB", metavar="SIZE", help="Memory of a worker."
)
def verify_command(
    paths: tuple[str, ...], form: Any, color: str, verbose: int, quiet: bool, **given: Any
) -> int:
    """Run source and translation and compare them.

    What is run is said by [[tool.tfjax.verify]] tables, or found in the source. The translation is
    compiled in memory, or lies in the folder of --against."""
    if not paths:
        raise click.UsageError("name a file or a directory to verify")
    timeout, memory = given.pop("timeout"), given.pop("memory")
    limits = Limits(wall_s=timeout, cpu_s=int(2 * timeout), memory_gib=memory / (1 << 30))
    oracle = given.pop("oracle")
    wanted = VerifyOptions(
        modes=given.pop("modes"),
        jobs=given.pop("jobs"),
        platform=given.pop("platform"),
        limits=limits,
        against=_path(given.pop("against")),
        save_oracle=_path(given.pop("save_oracle")),
        write_tests=_path(given.pop("write_tests")),
        layers=given.pop("layers"),
    )
    if wanted.layers and wanted.save_oracle is None:
        raise click.UsageError("--layers keeps layers in the folder of --save-oracle: name one")
    console = Console(form, color, verbose, quiet, given["report_path"] == "-")
    request = Request(
        paths=paths, console=console, verify=True, check=True, verification=wanted, **given
    )
    if oracle is None:
        return run(request)
    if len(paths) != 1 or wanted.against is not None:
        raise click.UsageError("--oracle proves one output folder: name it as PATH")
    from .reprove import reprove

    return reprove(request, Path(oracle), Path(paths[0]))


def _path(value: str | None) -> Path | None:
    return None if value is None else Path(value)
