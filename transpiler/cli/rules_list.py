"""`tfjax-compile rules list` and `rules show SYMBOL`: the catalogue on the command line."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..catalogue import FORMS, STATUSES, catalogue, find, render
from ..catalogue.forms import one
from .config import ConfigError, load_config

if TYPE_CHECKING:
    from ..catalogue import Entry

RULES = click.option(
    "--rules",
    multiple=True,
    metavar="PATH",
    help="Rules that override the built-in ones; may be repeated.",
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMS)),
    default="text",
    help="Form of the list.",
)
@click.option("--family", metavar="NAME", help="Only rules of this file, such as `nn`.")
@click.option("--status", type=click.Choice(STATUSES), help="Only symbols of this status.")
@RULES
def rules_list(form: str, family: str | None, status: str | None, rules: tuple[str, ...]) -> int:
    """List what becomes of each symbol that a record speaks of."""
    entries = [
        entry
        for entry in _entries(rules)
        if family in (None, entry.family) and status in (None, entry.status)
    ]
    if not entries and family is not None:
        known = sorted({entry.family for entry in _entries(rules)})
        raise click.UsageError(f"no family `{family}`{_near(family, known)}")
    click.echo(render(entries, form), nl=False)
    return 0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("symbol")
@RULES
def rules_show(symbol: str, rules: tuple[str, ...]) -> int:
    """Show the record of SYMBOL, in any spelling: tf.reduce_sum, tensorflow.keras.layers.Dense."""
    from ...rules.api import SourceApi

    entries, api = _entries(rules), SourceApi.load()
    found = find(entries, symbol, api)
    if not found:
        canonical = api.canonical(symbol)
        if canonical is not None:
            click.echo(f"{canonical}: no record says what becomes of it")
            return 1
        known = [entry.symbol for entry in entries]
        raise click.UsageError(f"the API has no symbol `{symbol}`{_near(symbol, known)}")
    click.echo("\n".join(one(entry) for entry in found), nl=False)
    return 0


def _entries(rules: tuple[str, ...]) -> list[Entry]:
    """Raises click.ClickException for settings or rules that cannot be used."""
    from ...rules.language import RuleError, RuleSet
    from ..prove.record import read_proofs
    from .run import rule_paths

    try:
        paths = rule_paths(rules, load_config(Path()))
        return catalogue(RuleSet.load(extra=paths), read_proofs())
    except ConfigError as error:
        raise _UsageError(error.diagnostic.message) from None
    except RuleError as error:
        raise _UsageError(str(error)) from None


class _UsageError(click.ClickException):
    """Settings or rules that cannot be used, without the usage line: that was right."""

    exit_code = 2


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
