"""`tfjax-compile rules check FILE...`: is a rule file right?"""

from __future__ import annotations

from pathlib import Path

import click

from ...rules.language import BUILTIN, RuleError, RuleSet
from ..rewrite.snippets import check_examples


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, path_type=Path),
)
def rules_check(files: tuple[Path, ...]) -> int:
    """Read rule files over the built-in rules, and check their symbols, parameters, defaults and
    examples.

    Exit code 0: all is well. 1: something is wrong; each mistake has a line.
    """
    try:
        rules = RuleSet.load((BUILTIN,), files)
    except RuleError as error:
        for problem in error.problems:
            click.echo(str(problem))
        return 1
    for problem in rules.problems:
        click.echo(f"{problem} (warning)")
    wrong = [line for line in check_examples(rules) if not line.startswith(("tf/", "keras/"))]
    for line in wrong:
        click.echo(line)
    return 1 if wrong else 0
