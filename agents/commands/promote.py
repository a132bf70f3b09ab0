"""`tfjax-compile agents promote --to FILE`: accepted fills as rules, proved first."""

from __future__ import annotations

import difflib
import json
import tempfile
from pathlib import Path

import click

from ...rules.language import RuleError, RuleSet
from ...rules.language.files import is_under
from ...transpiler.files import write_file
from ...transpiler.prove.pool import Settings as ProofSettings
from ...transpiler.prove.run import Progress, prove
from ...transpiler.prove.units import find_units
from ..promote import NoRule, Promotion, promote
from ..proving import recorded
from ..session import CASES, STORE
from ..store import Store, StoreError
from .options import DEFAULT_FOLDER


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--folder", type=click.Path(path_type=Path), default=DEFAULT_FOLDER)
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="Rule file that the rules are added to.",
)
@click.option("--yes", is_flag=True, help="Write the file; without it the change is only shown.")
@click.option("--cases", default=25, show_default=True, help="Cases drawn to prove each rule.")
def promote_command(folder: Path, target: Path, yes: bool, cases: int) -> int:
    """Make rules of the fills that a run has accepted. Each rule climbs the proof ladder as any
    other; the change to the file is shown, and written with --yes.

    Exit code 0: every fill became a rule; 1: some did not; 2: usage error."""
    if not (folder / STORE).is_file():
        raise click.UsageError(f"{folder} holds no run")
    found, left = _promotions(folder)
    known = target.read_text("utf-8") if target.exists() else ""
    new = known
    for one in found:
        problem = _problem(one, cases)
        if problem:
            left.append(f"{one.region.symbols[0]}: {problem}")
        else:
            new += ("\n" if new else "") + one.text
    for line in left:
        click.echo(f"not a rule: {line}", err=True)
    click.echo("".join(_diff(known, new, target)), nl=False)
    if new != known and yes:
        write_file(target, new.encode())
    elif new != known:
        click.echo("(nothing written: say --yes)", err=True)
    return 1 if left else 0


def _promotions(folder: Path) -> tuple[list[Promotion], list[str]]:
    try:
        store = Store(folder / STORE)
    except StoreError as error:
        raise click.UsageError(str(error)) from None
    found: dict[str, Promotion] = {}
    left: list[str] = []
    try:
        settled = store.settled()
        for region in store.regions():
            one = settled.get(region.key)
            if one is None or not one["code"]:
                continue
            try:
                count = int(json.loads(one["verdict"])["cases"])
                cases = recorded(folder / CASES, region)
                _add(found, promote(region, one["code"], count, cases))
            except NoRule as error:
                left.append(f"{', '.join(region.symbols)} ({region.path}:{region.line}): {error}")
    finally:
        store.close()
    return list(found.values()), left


def _add(found: dict[str, Promotion], new: Promotion) -> None:
    """One rule for each symbol. Raises NoRule for another that says something else."""
    symbol = new.region.symbols[0]
    known = found.setdefault(symbol, new)
    if known.meaning != new.meaning:
        place = f"{known.region.path}:{known.region.line}"
        raise NoRule(f"the fill of {place} has become another rule for this symbol")


def _problem(one: Promotion, cases: int) -> str:
    """Why the rule is not taken, "" when it is proved."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "promoted.rules"
        path.write_text(one.text, "utf-8")
        try:
            rules = RuleSet.load(extra=[path])
        except RuleError as error:
            return str(error.problems[0])
        units = [u for u in find_units(rules, False) if is_under(u.rule.place.path, (path,))]
        silent = Progress(lambda count: None, lambda result: None)
        settings = ProofSettings(1, cases, rules=(str(path),))
        results = prove(rules, units, settings, silent, fresh=True)
    for result in results:
        if result.status != "proved":
            first = result.failures[0].message if result.failures else "no case of it runs"
            return f"{result.status}: {first}"
    return "" if results else "the record names no symbol"


def _diff(old: str, new: str, path: Path) -> list[str]:
    name = path.name
    return list(
        difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), name, name
        )
    )
