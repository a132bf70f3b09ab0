"""`tfjax-compile rules check FILE...`: is a rule file right?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ...rules.language import BUILTIN, RuleError, RuleSet
from ..rewrite.snippets import check_examples

OURS = ("tf/", "keras/", "addons/")
"""How the places of built-in records begin."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--static", "static_only", is_flag=True, help="Read and check, but run nothing.")
@click.option("--cases", type=click.IntRange(1), default=25, help="Cases drawn for each symbol.")
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, help="Worker processes.")
@click.option("--fresh", is_flag=True, help="Without the results of earlier runs.")
@click.option(
    "--import",
    "imports",
    multiple=True,
    metavar="MODULE",
    help="A module that rules of yours are for, to try them against; may be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    help="Form of the summary.",
)
@click.option("-v", "--verbose", is_flag=True, help="A line for each symbol.")
def rules_check(
    files: tuple[Path, ...],
    static_only: bool,
    cases: int,
    jobs: int,
    fresh: bool,
    imports: tuple[str, ...],
    form: Literal["text", "json"],
    verbose: bool,
) -> int:
    """Check rule files: symbols, parameters, defaults, examples; then prove their rules against
    TensorFlow on sampled arguments.

    A file's rules are read over the built-in ones and may override them. Exit code 0: all is well.
    1: something is wrong. 2: it could not be tried.
    """
    try:
        rules = RuleSet.load((BUILTIN,), files)
    except RuleError as error:
        for problem in error.problems:
            click.echo(str(problem), err=form == "json")
        return 1
    for problem in rules.problems:
        if not str(problem).startswith(OURS):
            click.echo(f"{problem} (warning)", err=form == "json")
    wrong = [line for line in check_examples(rules) if not line.startswith(OURS)]
    if static_only or wrong:
        for line in wrong:
            click.echo(line, err=form == "json")
        return 1 if wrong else 0
    from .proofs import Request, run_proofs

    return run_proofs(
        Request(
            files,
            jobs=jobs,
            cases=cases,
            fresh=fresh,
            form=form,
            verbose=verbose,
            tables=False,
            own=True,
            imports=imports,
        )
    )
