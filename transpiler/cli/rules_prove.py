"""`tfjax-compile rules prove`: the rules against real TensorFlow, one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from .proofs import Request, run_proofs


def _shard(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """`2/8`: the second of eight parts. Raises click.BadParameter."""
    if value is None:
        return None
    part, slash, parts = value.partition("/")
    if not (slash and part.isdigit() and parts.isdigit() and 0 < int(part) <= int(parts)):
        raise click.BadParameter("write it as 2/8, the second of eight parts")
    return int(part) - 1, int(parts)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Symbols (tf.math.*), rules or families (tf/nn) to prove; may be repeated.",
)
@click.option(
    "--rules",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="Rules over the built-in ones; may be repeated.",
)
@click.option(
    "--import",
    "imports",
    multiple=True,
    metavar="MODULE",
    help="A module that rules of yours are for, to try them against; may be repeated.",
)
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, help="Worker processes.")
@click.option("--cases", type=click.IntRange(0), default=12, help="Cases drawn for each symbol.")
@click.option("--shard", callback=_shard, metavar="I/N", help="One fair part of the symbols.")
@click.option("--fresh", is_flag=True, help="Without the results of earlier runs.")
@click.option("--cached", is_flag=True, help="Only the results of earlier runs; nothing runs.")
@click.option(
    "--record", is_flag=True, help="Write the levels into rules/proofs.tsv, for the catalogue."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    help="Form of the summary.",
)
@click.option("-v", "--verbose", is_flag=True, help="A line for each symbol.")
def rules_prove(
    only: tuple[str, ...],
    rules: tuple[Path, ...],
    imports: tuple[str, ...],
    jobs: int,
    cases: int,
    shard: tuple[int, int] | None,
    fresh: bool,
    cached: bool,
    record: bool,
    form: Literal["text", "json"],
    verbose: bool,
) -> int:
    """Run rules against TensorFlow and JAX on sampled arguments, and print what was found.

    Exit code 0: nothing failed. 1: a rule failed. 2: the frameworks are missing, or nothing was
    chosen."""
    if record and rules:
        raise click.UsageError("--record is for the built-in rules alone")
    request = Request(rules, only, jobs, cases, fresh, form, verbose=verbose, shard=shard)
    return run_proofs(replace(request, cached=cached, record=record, imports=imports))
